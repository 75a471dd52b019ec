using CobraAD.Transforms;
using static TorchSharp.torch;

namespace CobraAD.Losses.Pixels;

/// <summary>
/// Structural similarity (Wang et al. 2004): (2 μ_x μ_y + C₁)(2 σ_xy + C₂) / ((μ_x² + μ_y² + C₁)(σ_x² + σ_y² + C₂)), moments under a Gaussian window of
/// 11 × 11 pixels with σ = 1.5, C₁ = 0.01² and C₂ = 0.03² for values in [0, 1]. Beyond the border both images are 0.
/// </summary>
internal static class Ssim
{
    private const int Radius = 5;
    private const double Sigma = 1.5, C1 = 0.01 * 0.01, C2 = 0.03 * 0.03;

    /// <summary>The mean over images, channels and pixels; 1 for equal images. In the caller's scope.</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="y">Of the same shape.</param>
    public static Tensor Mean(Tensor x, Tensor y)
    {
        Tensor kernel = GaussianBlur.Kernel(Radius, Sigma);
        Tensor meanX = Moment(x), meanY = Moment(y), product = meanX * meanY;
        Tensor squareX = meanX.square(), squareY = meanY.square();
        Tensor varianceX = Moment(x.square()) - squareX, varianceY = Moment(y.square()) - squareY, covariance = Moment(x * y) - product;
        return ((2 * product + C1) * (2 * covariance + C2) / ((squareX + squareY + C1) * (varianceX + varianceY + C2))).mean();

        Tensor Moment(Tensor values) => GaussianBlur.Valid(nn.functional.pad(values, [Radius, Radius, Radius, Radius]), kernel);
    }
}
