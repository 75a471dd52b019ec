using System.Runtime.InteropServices;
using CobraAD.Detection;
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
/// derivative, are flat no more.
/// </remarks>
internal sealed class GradientCorrectness : IAuditCheck
{
    private const int Directions = 20, ImagesEach = 4;
    private const double LeastCosine = 0.99, LeastSingleCosine = 0.98;

    private static readonly double[] DoubleSteps = [1e-6];
    private static readonly double[] SingleSteps = [3e-3, 1e-3, 3e-4, 1e-4];

    public int Number => 10;

    public string Name => "Gradient against finite differences";

    public string Criterion => "Along 20 random directions the derivatives of autograd and of central differences have a cosine above 0.99 (0.98 in float32), for normal and anomalous images, untouched and attacked";

    public AuditFinding Run(AuditContext context)
    {
        Trial attacked = context.Attack(context.Reference);
        bool exact = TakesDoubles(context);
        Dictionary<string, double?> cosines = [];
        foreach (bool anomalous in new[] { false, true })
        {
            int[] rows = [.. context.Rows(anomalous).Take(ImagesEach)];
            string kind = anomalous ? "anomalous" : "normal";
            using Tensor clean = attacked.Ledger.CleanImages(rows), worst = attacked.Ledger.WorstImages(rows);
            cosines[$"{kind} untouched"] = Cosine(context, clean, exact);
            cosines[$"{kind} attacked"] = Cosine(context, worst, exact);
        }

        string measured = $"{string.Join(", ", cosines.Select(pair => $"{pair.Key} {(pair.Value is double cosine ? AuditFinding.Number(cosine) : "flat")}"))} ({(exact ? "float64" : "float32")})";
        if (cosines.Values.All(cosine => cosine is null))
            return new AuditFinding(AuditStatus.Flag, measured, "Small changes of an image do not change its score at all: it is rounded or clamped, and no gradient can lead anywhere.");
        return AuditFinding.Of(
            cosines.Values.All(cosine => cosine is null || cosine > (exact ? LeastCosine : LeastSingleCosine)), measured,
            "Autograd's gradient is the derivative of the score.",
            "Autograd's gradient is not the derivative of the score: something in it is detached, rounded, random or has a made-up backward pass.");
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
    private static double? Cosine(AuditContext context, Tensor images, bool exact)
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
        Tensor[] measured = [.. (exact ? DoubleSteps : SingleSteps).Select(step => stack([.. directions.Select(direction => Difference(context, points, direction, step))]))];
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
