using CobraAD.Attacks.Records;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Gradient;

/// <summary>
/// Goals for attacks that need a boundary. One boundary says little about a ranking, so an image's goal climbs through the scores of
/// the other class that it is still ranked correctly against: their quartiles, in the attacker's direction.
/// </summary>
internal sealed class RankLadder
{
    private const int Rungs = 4;

    private readonly AttackBatch batch;
    private readonly Tensor rungs;

    /// <param name="batch">The images.</param>
    /// <param name="context">Their run.</param>
    /// <param name="threshold">The only goal instead of the ranks; <see langword="null"/> for the ranks.</param>
    public RankLadder(AttackBatch batch, AttackContext context, double? threshold)
    {
        this.batch = batch;
        double[] levels = [.. batch.Images.SelectMany(image => Goals(context, image, threshold))];
        rungs = tensor(levels, [batch.Images.Count, Rungs], ScalarType.Float64, batch.Clean.device);
    }

    /// <summary>The lowest goal that each image has not reached yet (the last when it reached all), as J, float64 [B]; +∞ without any.</summary>
    public Tensor Goal()
    {
        Tensor reached = rungs.le(batch.BestObjective.unsqueeze(1)).sum(1, true, ScalarType.Int64).clamp_max(Rungs - 1);
        return rungs.gather(1, reached).squeeze(1);
    }

    private static double[] Goals(AttackContext context, int image, double? threshold)
    {
        Ledger ledger = context.Ledger;
        double sign = ledger.IsAnomalous[image] ? -1 : 1;
        if (threshold is double tau) return [.. Enumerable.Repeat(sign * tau, Rungs)];
        double own = sign * context.ScoresAtStart[image];
        double[] ahead =
        [
            .. Enumerable.Range(0, ledger.Count)
                .Where(other => ledger.IsAnomalous[other] != ledger.IsAnomalous[image])
                .Select(other => sign * context.ScoresAtStart[other])
                .Where(score => score >= own)
                .Order(),
        ];
        // With nobody ahead there is no rank to win: as far as possible.
        if (ahead.Length == 0) return [.. Enumerable.Repeat(double.PositiveInfinity, Rungs)];
        return [.. Enumerable.Range(1, Rungs).Select(rung => ahead[(int)Math.Ceiling(rung * ahead.Length / (double)Rungs) - 1])];
    }
}
