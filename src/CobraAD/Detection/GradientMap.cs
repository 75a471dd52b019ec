using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Detection;

/// <summary>
/// A map of any differentiable detector: for each pixel the part of Σ_c ∂S/∂x_c (x_c - mean_c) that is above 0, averaged over a square. Gradient
/// times contrast is, to first order, how much the score would fall if the pixel took the image's mean colour. CobraAD.Runtime's heat map
/// is the same.
/// </summary>
/// <param name="detector">The detector; not disposed.</param>
internal sealed class GradientMap(IAnomalyDetector detector) : IAnomalyMap
{
    /// <summary>Side of the square as a share of the image's side: the Runtime's default.</summary>
    private const double Smoothing = 1 / 14.0;

    public Tensor HeatMap(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable recording = enable_grad();
        Tensor leaf = images.detach().clone().requires_grad_();
        autograd.backward([FiniteScore.Of(detector, leaf).sum()], inputs: [leaf]);
        using IDisposable frozen = no_grad();
        Tensor gradient = leaf.grad ?? zeros_like(leaf);
        Tensor raise = (gradient * (leaf - leaf.mean([2, 3], keepdim: true))).sum([1], keepdim: true).clamp_min(0);
        long rows = (long)(Smoothing * images.size(2) / 2), columns = (long)(Smoothing * images.size(3) / 2);
        // What lies outside of the image does not count: means at the border are of fewer pixels.
        Tensor mean = nn.functional.avg_pool2d(raise, [2 * rows + 1, 2 * columns + 1], stride: [1, 1], padding: [rows, columns], count_include_pad: false);
        return mean.squeeze(1).MoveToOuterDisposeScope();
    }
}
