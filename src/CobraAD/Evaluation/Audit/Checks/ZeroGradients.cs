using CobraAD.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>Every image must have a gradient.</summary>
internal sealed class ZeroGradients : IAuditCheck
{
    public int Number => 11;

    public string Name => "Zero gradients";

    public string Criterion => "No image has a gradient that is zero everywhere or not finite";

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

        int unusable = 0;
        double zeroPixels = 0;
        int count = context.IsAnomalous.Length;
        for (int start = 0; start < count; start += context.Options.BatchSize)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            using Tensor leaf = context.Images.narrow(0, start, Math.Min(context.Options.BatchSize, count - start)).to(context.Detector.Device, copy: true).requires_grad_();
            autograd.backward([FiniteScore.Of(context.Detector, leaf).sum()], inputs: [leaf]);
            Tensor size = (leaf.grad ?? zeros_like(leaf)).flatten(1).abs();
            Tensor usable = size.isfinite().all(1).logical_and(size.amax([1L]).gt(0));
            unusable += (int)usable.logical_not().sum().item<long>();
            zeroPixels += size.eq(0).to(ScalarType.Float64).mean([1L]).sum().item<double>();
        }

        return AuditFinding.Of(
            unusable == 0, $"{unusable} of {count} images; {AuditFinding.Percent(zeroPixels / count)} of all pixels have a zero gradient",
            "Every image has a gradient to follow.",
            "Some images have no gradient to follow: gradient attacks are blind there, and their robustness is not measured.");
    }
}
