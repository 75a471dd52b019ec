using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Transforms;

/// <summary>Separable Gaussian filter over images [B, C, H, W].</summary>
internal static class GaussianBlur
{
    /// <summary>Weights exp(-x²/2σ²) at x = -radius … radius, which sum to 1; float64 on the CPU.</summary>
    public static Tensor Kernel(int radius, double sigma)
    {
        Tensor offset = arange(-radius, radius + 1, dtype: ScalarType.Float64);
        Tensor weight = (offset.square() / (-2 * sigma * sigma)).exp();
        return weight / weight.sum();
    }

    /// <summary>Filters with borders reflected; the size stays.</summary>
    public static Tensor Apply(Tensor images, Tensor kernel)
    {
        long radius = kernel.numel() / 2;
        return Valid(nn.functional.pad(images, [radius, radius, radius, radius], PaddingModes.Reflect), kernel);
    }

    /// <summary>Filters where the whole kernel fits: each side loses 2 radius pixels.</summary>
    public static Tensor Valid(Tensor images, Tensor kernel)
    {
        long channels = images.size(1);
        Tensor weight = kernel.to(images.dtype).to(images.device);
        Tensor vertical = nn.functional.conv2d(images, weight.reshape(1, 1, -1, 1).expand(channels, 1, -1, 1), groups: channels);
        return nn.functional.conv2d(vertical, weight.reshape(1, 1, 1, -1).expand(channels, 1, 1, -1), groups: channels);
    }
}
