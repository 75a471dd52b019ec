using CobraAD.Attacks.Records;
using CobraAD.Numerics;
using CobraAD.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Composite;

/// <summary>
/// Adaptive Auto Attack (Liu et al. 2022) for one score: rounds of starts along directions in output space that learn from what worked,
/// ascents with a cosine-decayed step, and a budget that goes where ranks can still be won.
/// </summary>
/// <remarks>
/// "Misclassified" becomes rank-broken (dropped for good); "closest to success first" becomes the largest possible loss of rank, given
/// the median improvement of the round before. A restart's success is its gain in J over the interquartile range of the scores, and is
/// learned for normal and anomalous images separately. Detectors without outputs get random starts.
/// </remarks>
public sealed record A3 : Attack
{
    private const double FewBroken = 0.05;
    private const int FewestImages = 100;

    /// <inheritdoc/>
    public override string Name => "a3";

    /// <summary>Gradients for each image on average.</summary>
    /// <value>Default 1,000. Every image gets the three opening rounds whatever the budget.</value>
    public int Budget { get; init; } = 1000;

    /// <inheritdoc/>
    public override void Validate() => OptionCheck.Require(Budget, 1, 10_000_000);

    /// <inheritdoc/>
    public override void Run(AttackContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Validate();
        Ledger ledger = context.Ledger;
        AdaptiveDirections? directions = AdaptiveDirections.Create(context);
        double range = context.Decide<double>("a3 range", () => [InterquartileRange(ledger.WorstScores)])[0];
        double budget = Budget * (double)ledger.Count;
        double improvement = range / 100;
        int number = 0;

        foreach (AdaptiveRound round in AdaptiveRound.Opening) budget -= Attack(round);
        double broken = context.Decide<double>("a3 broken", () => [1 - ledger.OpenImages().Length / (double)ledger.Count])[0];
        foreach (AdaptiveRound round in broken < FewBroken ? AdaptiveRound.LongAscents : AdaptiveRound.ShortAscents)
        {
            for (int repeat = 0; repeat < round.Repeats && budget > 0; repeat++) budget -= Attack(round);
        }

        double Attack(AdaptiveRound round)
        {
            int index = number++;
            double cost = round.Steps + (index == 0 ? 0 : round.DirectionSteps);
            int[] chosen = context.Decide($"a3 images {index}", () => Choose(ledger, round, index, improvement, budget / cost));
            double[] before = context.Decide<double>($"a3 before {index}", () => [.. ledger.WorstScores]);
            double[]? weights = index == 0 ? null : directions?.Draw(context, chosen, index, round.Late);
            context.ForEachBatch(Name, chosen, batch => Ascend(batch, round, index, weights is null ? null : directions!.For(weights, chosen, batch)));
            double[] gains = context.Decide<double>($"a3 gains {index}", () => [.. chosen.Select(image => Math.Abs(ledger.WorstScores[image] - before[image]))]);
            if (weights is not null && range > 0) directions!.Learn(weights, chosen, [.. gains.Select(gain => gain / range)], ledger.IsAnomalous);
            if (gains.Length > 0) improvement = Math.Max(Quantile.Upper([.. gains.Order()], 0.5), range / 100);
            return cost * chosen.Length;
        }
    }

    /// <summary>The images of a round: all that are open at first, then the share with most rank to lose that the budget allows.</summary>
    private static int[] Choose(Ledger ledger, AdaptiveRound round, int index, double improvement, double affordable)
    {
        int[] open = ledger.OpenImages();
        if (index < AdaptiveRound.Opening.Length) return open;
        int wanted = open.Length < 0.1 * ledger.Count
            ? open.Length
            : Math.Max(Math.Min(FewestImages, open.Length), (int)(round.Share * open.Length));
        double[] gains = ledger.PossibleGains(improvement);
        return
        [
            .. open.OrderByDescending(image => gains[image]).ThenBy(image => image)
                .Take(Math.Min(wanted, (int)Math.Ceiling(affordable))).Order(),
        ];
    }

    private static void Ascend(AttackBatch batch, AdaptiveRound round, int index, Func<Tensor, Tensor>? direction)
    {
        double epsilon = batch.Ball.Threat.Epsilon;
        using DisposeScope run = NewDisposeScope();
        using ImageRandom random = batch.Random("a3 start", index);
        // As in the original: the first look in an l2 ball starts from the clean image.
        bool fromClean = index == 0 && batch.Ball.Threat.Norm == Norm.L2;
        Tensor point = fromClean ? batch.Clean.clone() : batch.Ball.RandomPoint(random).clone();
        int step = 0;
        if (direction is not null)
        {
            for (; step < round.DirectionSteps; step++)
            {
                using DisposeScope scope = NewDisposeScope();
                (_, Tensor gradient) = batch.Differentiate(point, direction);
                point.copy_(batch.Ball.Move(point, batch.Ball.SteepestDirection(gradient), epsilon));
            }
        }

        double smallest = (round.Steps <= 10 ? 0.1 : 0.001) * epsilon;
        for (int s = 0; s < round.Steps; s++, step++)
        {
            using DisposeScope scope = NewDisposeScope();
            (_, Tensor gradient) = batch.Differentiate(point, index, step);
            double length = smallest + (epsilon - smallest) * (1 + Math.Cos(Math.PI * s / (round.Steps + 1))) / 2;
            point.copy_(batch.Ball.Move(point, batch.Ball.SteepestDirection(gradient), length));
        }

        batch.Evaluate(point, index, step);
    }

    private static double InterquartileRange(IReadOnlyList<double> scores)
    {
        double[] sorted = [.. scores.Order()];
        return Quantile.Upper(sorted, 0.75) - Quantile.Upper(sorted, 0.25);
    }
}
