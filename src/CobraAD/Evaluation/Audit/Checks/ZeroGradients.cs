using CobraAD.Attacks;
using CobraAD.Detection;
using CobraAD.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>Every image must have a gradient, everywhere that its score can be moved, and none may be a shadow of the others'.</summary>
/// <remarks>
/// Looked at are the untouched images, the attacked ones and random corners of the ball, because attacks leave pixels at black and white, where a root
/// or a logarithm has no slope. A pixel without gradient is no fault where it has no effect (a ReLU is off, a maximum lies elsewhere); it is one where
/// all of them are near black or white, and moving these by the radius moves the score.
/// </remarks>
internal sealed class ZeroGradients : IAuditCheck
{
    public int Number => 11;

    public string Name => "Zero gradients";

    public string Criterion => "No untouched image has a gradient that is zero everywhere, not finite somewhere, or 100,000 times smaller than those of most; attacked images and corners of the ball have finite ones, and 95 % of them some; pixels near black and white that have none have no effect";

    private const double Edge = 0.05, MostDeadInside = 0.1, LeastDeadAtEdge = 0.5, LeastEffect = 0.02, WeakShare = 1e-5, MostWeak = 0.05;

    public bool NeedsGradient => false;

    public AuditFinding Run(AuditContext context)
    {
        if (!context.Detector.IsDifferentiable) return AuditFinding.Skip("The detector says itself that it has no gradients; only black-box attacks apply to it.");
        if (!context.HasGradient)
        {
            return new AuditFinding(
                AuditStatus.Flag, "the score is not connected to the image",
                "The score is detached from its input somewhere, so every gradient attack is blind and its numbers mean nothing.");
        }

        int count = context.IsAnomalous.Length;
        int[] all = [.. Enumerable.Range(0, count)];
        using Tensor attacked = context.Attack(context.Reference).Ledger.WorstImages(all);
        using Tensor corners = Corners(context);
        Slopes clean = Look(context, context.Images), after = Look(context, attacked), outside = Look(context, corners);
        int unusable = clean.Unusable, elsewhere = after.NotFinite + outside.NotFinite;
        double usual = Quantile.Lower([.. clean.Largest.Order()], 0.9);
        int flat = after.Zero + outside.Zero;
        int weak = clean.Largest.Count(slope => slope > 0 && slope < WeakShare * usual);
        int deaf = clean.MovedByDead.Count(moved => moved > LeastEffect * context.Spread);
        string measured =
            $"{unusable} of {count} images; {AuditFinding.Percent(clean.ZeroPixels / count)} of all pixels have a zero gradient, on {deaf} images those near black or white move the score; {elsewhere} of {2 * count} attacked images and corners have slopes that are not finite, {flat} none at all; {weak} images have next to none";
        string meaning =
            unusable > 0 ? "Some images have no gradient to follow: gradient attacks are blind there, and their robustness is not measured."
            : elsewhere > 0 ? "Where attacks go some pixels have no finite gradient (a root at 0, a logarithm): an attack cannot follow it there, and autograd passes over it in silence."
            : flat > MostWeak * 2 * count ? "Where attacks begin and go some images have no gradient at all: a flat part within the ball stops every gradient attack that comes there."
            : deaf > MostWeak * count ? "Pixels near black or white have no gradient although they move the score: a ramp there hides them from every gradient attack."
            : weak > MostWeak * count ? "The gradient of some images is a hundred thousand times smaller than that of most: their score was pressed flat beyond a level, and its order there is nearly all rounding."
            : "";
        return AuditFinding.Of(meaning.Length == 0, measured, "Every image has a gradient to follow.", meaning);
    }

    /// <summary>What the gradients of some images look like.</summary>
    private static Slopes Look(AuditContext context, Tensor images)
    {
        Slopes found = new();
        int count = (int)images.size(0);
        for (int start = 0; start < count; start += context.Options.BatchSize)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            using Tensor leaf = images.narrow(0, start, Math.Min(context.Options.BatchSize, count - start)).to(context.Detector.Device, copy: true).requires_grad_();
            Tensor score = FiniteScore.Of(context.Detector, leaf);
            autograd.backward([score.sum()], inputs: [leaf]);
            Tensor size = (leaf.grad ?? zeros_like(leaf)).flatten(1).abs(), finite = size.isfinite().all(1);
            Tensor largest = size.nan_to_num(0, 0, 0).amax([1L]);
            found.NotFinite += (int)finite.logical_not().sum().item<long>();
            found.Zero += (int)finite.logical_and(largest.eq(0)).sum().item<long>();
            found.ZeroPixels += size.eq(0).to(ScalarType.Float64).mean([1L]).sum().item<double>();
            found.Largest.AddRange(FiniteScore.ToDoubles(largest));
            found.MovedByDead.AddRange(MovedByDead(context, leaf.detach(), score.detach(), size.eq(0)));
        }

        return found;
    }

    /// <summary>
    /// By how much each score changes when those pixels near black or white that have no gradient move inwards by the radius; 0 for an image whose dead
    /// pixels lie all over it.
    /// </summary>
    private static double[] MovedByDead(AuditContext context, Tensor images, Tensor score, Tensor dead)
    {
        using IDisposable noGradient = no_grad();
        Tensor pixels = images.flatten(1), edge = pixels.lt(Edge) | pixels.gt(1 - Edge);
        Tensor atEdge = Share(dead, edge), inside = Share(dead, edge.logical_not());
        double step = context.Threat.Norm == Norm.Linf ? context.Threat.Epsilon : context.Threat.Epsilon / Math.Sqrt(pixels.size(1));
        Tensor inwards = where(pixels.lt(0.5), full_like(pixels, Math.Min(step, 0.5)), full_like(pixels, -Math.Min(step, 0.5)));
        Tensor moved = (pixels + inwards * (dead & edge).to(pixels.dtype)).reshape(images.shape);
        Tensor change = (FiniteScore.Of(context.Detector, moved) - score).abs().to(ScalarType.Float64);
        return FiniteScore.ToDoubles(change * (atEdge.ge(LeastDeadAtEdge) & inside.le(MostDeadInside)).to(ScalarType.Float64));

        static Tensor Share(Tensor of, Tensor among) =>
            (of & among).to(ScalarType.Float64).sum(1) / among.to(ScalarType.Float64).sum(1).clamp_min(1);
    }

    /// <summary>Each image moved by the radius in random directions, as far as [0, 1] goes.</summary>
    private static Tensor Corners(AuditContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = context.Streams.Create("corners");
        double step = context.Threat.Norm == Norm.Linf ? context.Threat.Epsilon : context.Threat.Epsilon / Math.Sqrt(context.Images.numel() / context.Images.size(0));
        Tensor signs = rand(context.Images.shape, generator: rng).ge(0.5).to(context.Images.dtype) * 2 - 1;
        return (context.Images + signs * step).clamp(0, 1).MoveToOuterDisposeScope();
    }

    private sealed class Slopes
    {
        public int Zero { get; set; }

        public int NotFinite { get; set; }

        public int Unusable => Zero + NotFinite;

        public double ZeroPixels { get; set; }

        public List<double> Largest { get; } = [];

        public List<double> MovedByDead { get; } = [];
    }
}
