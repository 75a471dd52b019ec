using SkiaSharp;
using static TorchSharp.torch;

namespace CobraAD.Reporting.Pictures;

/// <summary>Encodes image tensors as PNG.</summary>
internal static class PngImage
{
    /// <summary>An image as PNG bytes.</summary>
    /// <param name="image">[3, H, W] in [0, 1] on any device; unchanged. Values outside are cut.</param>
    /// <exception cref="ArgumentException">The shape is another one.</exception>
    public static byte[] Encode(Tensor image)
    {
        using SKBitmap bitmap = ToBitmap(image);
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    /// <summary>A perturbation as PNG bytes: mid-grey where nothing changed, the difference magnified around it.</summary>
    /// <param name="clean">[3, H, W] in [0, 1].</param>
    /// <param name="attacked">The same image after the attack.</param>
    /// <param name="magnification">Factor on the difference; 0.5 / ε fills the range.</param>
    public static byte[] EncodePerturbation(Tensor clean, Tensor attacked, double magnification)
    {
        ArgumentNullException.ThrowIfNull(clean);
        ArgumentNullException.ThrowIfNull(attacked);
        using IDisposable scope = NewDisposeScope();
        return Encode(attacked.detach().sub(clean.detach()).mul(magnification).add(0.5));
    }

    internal static SKBitmap ToBitmap(Tensor image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.dim() != 3 || image.size(0) != 3 || image.numel() == 0)
            throw new ArgumentException($"Expected an image [3, H, W], found [{string.Join(", ", image.shape)}].", nameof(image));

        using IDisposable scope = NewDisposeScope();
        int height = (int)image.size(1), width = (int)image.size(2);
        using Tensor opaque = full([height, width, 1], 255, ScalarType.Byte);
        Tensor colours = image.detach().cpu().to(ScalarType.Float32).clamp(0, 1).mul(255).round().to(ScalarType.Byte).permute(1, 2, 0);
        Tensor pixels = cat([colours, opaque], 2).contiguous();
        SKBitmap bitmap = new(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        unsafe
        {
            pixels.bytes.CopyTo(new Span<byte>((void*)bitmap.GetPixels(), bitmap.ByteCount));
        }

        return bitmap;
    }
}
