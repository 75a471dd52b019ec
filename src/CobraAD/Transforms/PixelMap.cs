using static TorchSharp.torch;

namespace CobraAD.Transforms;

/// <summary>Moves whole pixels: each output pixel is a copy of one input pixel, so nothing is interpolated and gradients are copies too.</summary>
internal static class PixelMap
{
    /// <summary>Row numbers, int64 [1, H, 1] on the images' device.</summary>
    public static Tensor Rows(Tensor images) => arange(images.size(2), device: images.device).reshape(1, -1, 1);

    /// <summary>Column numbers, int64 [1, 1, W] on the images' device.</summary>
    public static Tensor Columns(Tensor images) => arange(images.size(3), device: images.device).reshape(1, 1, -1);

    /// <summary>A drawn parameter for arithmetic with rows and columns: [B] to [B, 1, 1] on the images' device.</summary>
    public static Tensor PerImage(Tensor parameter, Tensor images) => parameter.to(images.device).reshape(-1, 1, 1);

    /// <summary>Output pixel (b, :, i, j) is input pixel (b, :, rows[b, i, j], columns[b, i, j]); both maps broadcast to [B, H, W].</summary>
    public static Tensor Gather(Tensor images, Tensor rows, Tensor columns)
    {
        long batch = images.size(0), channels = images.size(1), height = images.size(2), width = images.size(3);
        Tensor source = (rows * width + columns).expand(batch, height, width).reshape(batch, 1, height * width).expand(batch, channels, height * width);
        return images.flatten(2).gather(2, source).reshape(batch, channels, height, width);
    }
}
