using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Ocsdf;

/// <summary>
/// An upper bound of a convolution's Lipschitz constant under ℓ₂, for images of any size with zeros around them. KᵀK is itself a convolution, with
/// matrices G_o at the offsets o, and ‖K‖² = ‖KᵀK‖ ≤ 1 + Σ_o ‖G_o - δ_o 1‖, whose spectral norms are bounded by Frobenius norms. For an orthogonal
/// kernel the sum is rounding, so unlike the bound of a kernel's matrix by itself this one is tight; power iteration could only bound from below.
/// </summary>
internal static class ConvolutionBound
{
    /// <summary>The bound; infinite for weights that are not finite.</summary>
    /// <param name="kernel">[outputs, inputs, k, k], k odd.</param>
    public static double Of(Tensor kernel)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor exact = kernel.detach().to(ScalarType.Float64);
        // KᵀK and K Kᵀ have the same norm; the smaller of them can be the identity.
        Tensor rows = exact.size(0) >= exact.size(1) ? exact.transpose(0, 1) : exact;
        long reach = exact.size(2) - 1;
        Tensor gram = nn.functional.conv2d(rows, rows, padding: [reach, reach]);
        gram.select(2, reach).select(2, reach).sub_(eye(rows.size(0), dtype: ScalarType.Float64, device: kernel.device));
        double squared = 1 + gram.square().sum([0L, 1L]).sqrt().sum().item<double>();
        return double.IsFinite(squared) ? Math.Sqrt(squared) : double.PositiveInfinity;
    }
}
