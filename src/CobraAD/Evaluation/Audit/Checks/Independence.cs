using CobraAD.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>An image's score must not depend on the images beside it.</summary>
/// <remarks>
/// Differences are measured against how far the scores of normal images lie apart: a score that is scaled or shifted stays the same score. Among
/// batches of one size an image in its place goes through the same sums whatever its neighbours are. In another place, and alone, it goes through
/// other kernels, whose sums differ by the rounding of float32, which a squared distance multiplies.
/// </remarks>
internal sealed class Independence : IAuditCheck
{
    private const int Images = 16;
    private const double Tolerance = 1e-6, ToleranceMoved = 1e-2, Rounding = 1e-6;

    /// <summary>A move far below any grey level that a score of full precision sees all the same.</summary>
    private const double Nudge = 1e-3;

    public int Number => 14;

    public string Name => "Each image by itself";

    public string Criterion => "Whatever the other images of a batch, scores are equal to 1e-6 of the normal images' spread; in another place and alone to 1% of it or the rounding of float32; and an image near one that was scored before gets a score of its own";

    public bool NeedsGradient => false;

    public AuditFinding Run(AuditContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        int[] rows = [.. context.Rows(anomalous: false).Take(Images / 2), .. context.Rows(anomalous: true).Take(Images / 2)];
        Tensor batch = context.Images.index_select(0, tensor(rows.Select(i => (long)i).ToArray()));
        // Negatives are as unlike as neighbours can be; every second image keeps its place among them.
        Tensor even = (arange(rows.Length) % 2).eq(0).view(-1, 1, 1, 1), negative = 1 - batch;
        double[] together = Scores(batch), reversed = [.. Scores(batch.flip(0)).Reverse()];
        double[] evenKept = Scores(where(even, batch, negative)), oddKept = Scores(where(even, negative, batch));
        double unit = context.NormalSpread, beside = 0, moved = 0, alone = 0, rounding = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            double among = i % 2 == 0 ? evenKept[i] : oddKept[i];
            beside = Math.Max(beside, Math.Abs(among - together[i]));
            moved = Math.Max(moved, Math.Abs(reversed[i] - together[i]));
            alone = Math.Max(alone, Math.Abs(Scores(batch.narrow(0, i, 1))[0] - together[i]));
            rounding = Math.Max(rounding, Rounding * Math.Abs(together[i]));
        }

        double movedMost = Math.Max(ToleranceMoved * unit, rounding);
        int repeated = Repeated(context, batch, Scores);
        string measured =
            $"largest difference {AuditFinding.Number(beside / unit)} of the spread beside other images, {AuditFinding.Number(moved / unit)} in another place, {AuditFinding.Number(alone / unit)} alone; {repeated} of {rows.Length} repeat the score of a near image";
        if (beside > Tolerance * unit || moved > movedMost || alone > movedMost)
        {
            return new AuditFinding(
                AuditStatus.Flag, measured,
                "The score depends on the other images of the batch: normalisation in training mode, statistics over the batch or shared random numbers couple them.");
        }

        return AuditFinding.Of(
            repeated <= rows.Length / 2, measured,
            "The batch that an image is in does not matter.",
            "An image near one that was scored before gets the earlier one's score to the last digit: the detector remembers what it was asked, so attacks in small steps measure their first step.");

        double[] Scores(Tensor images)
        {
            using IDisposable noGradient = no_grad();
            return FiniteScore.ToDoubles(FiniteScore.Of(context.Detector, images.to(context.Detector.Device)));
        }
    }

    /// <summary>
    /// How many images that nobody has seen score the same after a nudge that, by the score's own gradient, it must notice. A score that a nudge does not
    /// move, because it is flat there or looks elsewhere, repeats itself honestly. So does one of a few levels: it has as few among the untouched images,
    /// and other checks say what is wrong with it.
    /// </summary>
    private static int Repeated(AuditContext context, Tensor batch, Func<Tensor, double[]> scores)
    {
        if (context.CleanScores.Distinct().Count() < 0.9 * context.CleanScores.Length) return 0;
        using Generator rng = context.Streams.Create("unseen images");
        Tensor unseen = (batch * 0.9 + 0.05 + (rand(batch.shape, generator: rng).to(batch.dtype) - 0.5) * 0.05).clamp(0, 1);
        Tensor nudged = (unseen + (rand(batch.shape, generator: rng).to(batch.dtype) - 0.5) * Nudge).clamp(0, 1);
        double[] before = scores(unseen), after = scores(nudged);
        double[] expected = Changes(context, unseen, nudged - unseen) ?? [.. before.Select(_ => double.PositiveInfinity)];
        return Enumerable.Range(0, before.Length).Count(i => before[i] == after[i] && expected[i] > Rounding * Math.Abs(before[i]));
    }

    /// <summary>|∇A(x)·δ| of each image; <see langword="null"/> where the score has no gradient.</summary>
    private static double[]? Changes(AuditContext context, Tensor images, Tensor moves)
    {
        if (!context.Detector.IsDifferentiable) return null;
        using Tensor leaf = images.detach().to(context.Detector.Device, copy: true).requires_grad_();
        Tensor score = FiniteScore.Of(context.Detector, leaf);
        if (!score.requires_grad) return null;
        autograd.backward([score.sum()], inputs: [leaf]);
        return leaf.grad is { } gradient ? FiniteScore.ToDoubles((gradient * moves.to(gradient.device)).flatten(1).sum(1).abs()) : new double[images.size(0)];
    }
}
