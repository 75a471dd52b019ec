using System.Runtime.InteropServices;
using CobraAD.Detection;
using CobraAD.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>The gradient must be the score's derivative.</summary>
/// <remarks>
/// Directional derivatives by central differences (A(x + h·d) - A(x - h·d)) / 2h along random directions d ∈ {-1, +1}^n, against
/// autograd's ⟨∇A, d⟩, in float64 where the detector takes it. In float32 rounding limits short steps and kinks limit long ones, so each
/// image gets the best of several h; a wrong gradient is wrong at all of them. Even so honest detectors lose up to 0.011 of the cosine in
/// float32, depending on the processor's kernels, hence the second bound. The points are drawn 2 % towards mid-grey and moved by
/// noise of 0.5 %: no difference leaves [0, 1], and an image's flat areas, where every maximum over a window ties and the score has no
/// derivative, are flat no more. A detector that takes float64 may compute in float32 all the same, so before it is accused the longer steps are
/// tried too. Random directions hardly see a statistic of the whole image that was detached; brighter and more contrast are such statistics.
/// </remarks>
internal sealed class GradientCorrectness : IAuditCheck
{
    private const int Directions = 20, ImagesEach = 4;
    private const double LeastCosine = 0.99, LeastSingleCosine = 0.98;

    // A detached deviation makes the derivative by contrast wrong by its whole size.
    private const double MostOff = 0.2, LeastShare = 0.02;

    private static readonly double[] DoubleSteps = [1e-6];
    private static readonly double[] SingleSteps = [3e-3, 1e-3, 3e-4, 1e-4];

    public int Number => 10;

    public string Name => "Gradient against finite differences";

    public string Criterion => "Along 20 random directions the derivatives of autograd and of central differences have a cosine above 0.99 (0.98 in float32), for normal and anomalous images, untouched and attacked; by brightness and contrast they differ by at most 20%; and scores have more digits than half precision";

    public AuditFinding Run(AuditContext context)
    {
        Trial attacked = context.Attack(context.Reference);
        if (IsRounded([.. context.CleanScores, .. attacked.Ledger.WorstScores]))
        {
            return new AuditFinding(
                AuditStatus.Flag, "every score is a number of half precision",
                "The score is rounded to half precision: steps that change it by less than a thousandth look flat, and attacks stop there. Compute and return it in float32.");
        }

        bool exact = TakesDoubles(context);
        AuditFinding found = Compare(context, attacked, exact, exact ? DoubleSteps : SingleSteps);
        return exact && found.Status == AuditStatus.Flag ? Compare(context, attacked, exact, SingleSteps) : found;
    }

    private static AuditFinding Compare(AuditContext context, Trial attacked, bool exact, double[] steps)
    {
        Dictionary<string, double?> cosines = [];
        List<double> wholeImage = [];
        foreach (bool anomalous in new[] { false, true })
        {
            int[] rows = [.. context.Rows(anomalous).Take(ImagesEach)];
            string kind = anomalous ? "anomalous" : "normal";
            using Tensor clean = attacked.Ledger.CleanImages(rows), worst = attacked.Ledger.WorstImages(rows);
            cosines[$"{kind} untouched"] = Cosine(context, clean, exact, steps);
            cosines[$"{kind} attacked"] = Cosine(context, worst, exact, steps);
            wholeImage.AddRange(WholeImageErrors(context, clean, exact, steps));
        }

        double off = wholeImage.Count == 0 ? 0 : Quantile.Lower([.. wholeImage.Order()], 0.5);
        string measured = $"{string.Join(", ", cosines.Select(pair => $"{pair.Key} {(pair.Value is double cosine ? AuditFinding.Number(cosine) : "flat")}"))}, off by {AuditFinding.Percent(off)} for brightness and contrast ({(exact ? "float64" : "float32")})";
        if (cosines.Values.All(cosine => cosine is null))
            return new AuditFinding(AuditStatus.Flag, measured, "Small changes of an image do not change its score at all: it is rounded or clamped, and no gradient can lead anywhere.");
        return AuditFinding.Of(
            off <= MostOff && cosines.Values.All(cosine => cosine is null || cosine > (steps == DoubleSteps ? LeastCosine : LeastSingleCosine)), measured,
            "Autograd's gradient is the derivative of the score.",
            "Autograd's gradient is not the derivative of the score: something in it is detached, rounded, random or has a made-up backward pass.");
    }

    /// <summary>Whether all scores have no more digits than a type of 16 bits, and so many of them that it cannot be chance.</summary>
    private static bool IsRounded(double[] scores) =>
        scores.Distinct().Count() >= 8
        && (scores.All(score => (double)(Half)score == score) || scores.All(score => (float)score == score && (BitConverter.SingleToInt32Bits((float)score) & 0xFFFF) == 0));

    /// <summary>
    /// How far autograd's derivative is off, as a share of it, when an image becomes brighter and when its contrast grows: one number for each image,
    /// the worse of the two. Where the score hardly depends on either, nothing is said.
    /// </summary>
    private static double[] WholeImageErrors(AuditContext context, Tensor images, bool exact, double[] steps)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor points = ((images - 0.5) * 0.98 + 0.5).to(exact ? ScalarType.Float64 : ScalarType.Float32).to(context.Detector.Device);
        using Tensor leaf = points.detach().requires_grad_();
        autograd.backward([FiniteScore.Of(context.Detector, leaf).sum()], inputs: [leaf]);
        Tensor gradient = (leaf.grad ?? zeros_like(leaf)).to(ScalarType.Float64);
        using IDisposable noGradient = no_grad();
        Tensor contrast = points - points.mean([1L, 2L, 3L], keepdim: true);
        Tensor worst = zeros(points.size(0), ScalarType.Float64, points.device);
        foreach (Tensor direction in new[] { ones_like(points), contrast / contrast.abs().amax([1L, 2L, 3L], keepdim: true).clamp_min(1e-6) })
        {
            Tensor told = (gradient * direction).flatten(1).sum([1L]);
            Tensor least = LeastShare * gradient.flatten(1).square().sum(1).sqrt() * direction.flatten(1).square().sum(1, type: ScalarType.Float64).sqrt();
            Tensor errors = stack([.. steps.Select(step =>
            {
                Tensor slope = Difference(context, points, direction, step);
                return (told - slope).abs() / maximum(maximum(told.abs(), slope.abs()), least).clamp_min(1e-300);
            })]).amin([0L]);
            worst = maximum(worst, errors);
        }

        return FiniteScore.ToDoubles(worst);
    }

    private static bool TakesDoubles(AuditContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        try
        {
            return FiniteScore.Of(context.Detector, context.Images.narrow(0, 0, 1).to(ScalarType.Float64).to(context.Detector.Device)).dtype == ScalarType.Float64;
        }
        catch (ExternalException)
        {
            return false;
        }
    }

    /// <summary>
    /// The mean over images of the cosine between the two vectors of directional derivatives; 0 where one of them vanishes and the other
    /// does not. Where both vanish the score is flat, the gradient is right, and check 11 counts the image; <see langword="null"/> when it
    /// is flat at all of them.
    /// </summary>
    private static double? Cosine(AuditContext context, Tensor images, bool exact, double[] steps)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = context.Streams.Create("finite differences");
        Tensor points = ((images - 0.5) * 0.98 + 0.5 + (rand(images.shape, generator: rng) - 0.5) * 0.01).to(exact ? ScalarType.Float64 : ScalarType.Float32).to(context.Detector.Device);
        using Tensor leaf = points.detach().requires_grad_();
        autograd.backward([FiniteScore.Of(context.Detector, leaf).sum()], inputs: [leaf]);
        Tensor gradient = (leaf.grad ?? zeros_like(leaf)).to(ScalarType.Float64);
        using IDisposable noGradient = no_grad();
        Tensor[] directions = [.. Enumerable.Range(0, Directions).Select(_ => (rand(points.shape, generator: rng).ge(0.5).to(points.dtype) * 2 - 1).to(points.device))];
        Tensor told = stack([.. directions.Select(direction => (gradient * direction).flatten(1).sum([1L]))]);
        Tensor[] measured = [.. steps.Select(step => stack([.. directions.Select(direction => Difference(context, points, direction, step))]))];
        Tensor cosines = stack([.. measured.Select(slopes => nn.functional.cosine_similarity(told, slopes, dim: 0))]).amax([0L]);
        Tensor steep = stack([told, .. measured]).ne(0).any(0).any(0);
        return steep.any().item<bool>() ? cosines.masked_select(steep).mean().item<double>() : null;
    }

    private static Tensor Difference(AuditContext context, Tensor points, Tensor direction, double step)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        Tensor above = FiniteScore.Of(context.Detector, points + direction * step).to(ScalarType.Float64);
        Tensor below = FiniteScore.Of(context.Detector, points - direction * step).to(ScalarType.Float64);
        return (above - below) / (2 * step);
    }
}
