using SkiaSharp;

namespace CobraAD.Runtime.Explaining;

/// <summary>
/// Which pixels raise an image's score: for each pixel, how much the score would fall, to first order, if it took the image's mean colour; of a
/// model that has a map of its own (PatchCore), that map.
/// </summary>
/// <param name="width">Width in pixels.</param>
/// <param name="height">Height in pixels.</param>
/// <param name="values">[height, width], row after row, in units of the raw score; not copied.</param>
/// <param name="result">The score that is explained.</param>
/// <param name="floor">The value that is drawn clear.</param>
public sealed class HeatMap(int width, int height, float[] values, ScoreResult result, float floor = 0)
{
    /// <summary>
    /// Width in pixels. The map is of the whole image: at the model's input width where the image is only resized for the model, about as fine where a
    /// part of it is cut out or its aspect kept.
    /// </summary>
    public int Width { get; } = width;

    /// <summary>Height in pixels, likewise.</summary>
    public int Height { get; } = height;

    /// <summary>[Height, Width], row after row; 0 or more; larger raises the score more.</summary>
    public ReadOnlyMemory<float> Values { get; } = values;

    /// <summary>The score that is explained.</summary>
    public ScoreResult Result { get; } = result;

    /// <summary>The value of one pixel.</summary>
    /// <param name="x">Column, from 0.</param>
    /// <param name="y">Row, from 0.</param>
    public float this[int x, int y] => Values.Span[y * Width + x];

    /// <summary>
    /// A transparent PNG to lay over the image, of any size: red where the score is raised, clear where it is not. The strongest
    /// pixel is opaque to two thirds.
    /// </summary>
    public byte[] ToPng()
    {
        const double strongest = 170;
        ReadOnlySpan<float> heat = Values.Span;
        float peak = floor;
        foreach (float value in heat) peak = Math.Max(peak, value);

        using SKBitmap bitmap = new(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        Span<byte> pixels = bitmap.GetPixelSpan();
        for (int i = 0; i < heat.Length; i++)
        {
            pixels[4 * i] = 255;
            pixels[4 * i + 3] = peak > floor ? (byte)(strongest * Math.Max(0, (heat[i] - floor) / (peak - floor))) : (byte)0;
        }

        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }
}
