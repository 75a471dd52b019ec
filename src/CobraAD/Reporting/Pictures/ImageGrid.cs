using CobraAD.Reporting.Rendering;
using CobraAD.Serialization;
using SkiaSharp;
using static TorchSharp.torch;

namespace CobraAD.Reporting.Pictures;

/// <summary>
/// A picture of rows of images with captions. Images are enlarged by a whole factor without smoothing, so that every pixel can be seen;
/// the font is the library's own, so that it looks the same on a machine without fonts.
/// </summary>
internal static class ImageGrid
{
    private const int Margin = 24;
    private const int Gap = 10;
    private const int LabelHeight = 30;
    private const int CaptionHeight = 22;
    private const int RowGap = 18;
    private const int LeastCell = 128;

    private static readonly SKColor Paper = new(0xfb, 0xfb, 0xfa);
    private static readonly SKColor Ink = new(0x1b, 0x1f, 0x24);
    private static readonly SKColor Muted = new(0x5b, 0x64, 0x70);

    /// <summary>Draws a grid into a PNG file, which appears complete or not at all.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="rows">The rows from top to bottom.</param>
    /// <exception cref="ArgumentException">There is nothing to draw, or the captions do not fit the images.</exception>
    public static void Write(string path, IReadOnlyList<ImageGridRow> rows)
    {
        byte[] png = Encode(rows);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    /// <summary>Draws a grid as PNG bytes.</summary>
    /// <param name="rows">The rows from top to bottom.</param>
    /// <exception cref="ArgumentException">There is nothing to draw, or the captions do not fit the images.</exception>
    public static byte[] Encode(IReadOnlyList<ImageGridRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Check(rows);
        int cell = rows.Max(row => CellSize(row.Images).Width);
        int columns = rows.Max(row => (int)row.Images.size(0));
        int width = 2 * Margin + columns * (cell + Gap) - Gap;
        int height = 2 * Margin - RowGap + rows.Sum(Height);

        using SKSurface surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        SKCanvas canvas = surface.Canvas;
        canvas.Clear(Paper);
        using SKTypeface typeface = SKTypeface.FromStream(ReportAssets.Open("Inter-Regular.ttf"));
        using SKTypeface strong = SKTypeface.FromStream(ReportAssets.Open("Inter-SemiBold.ttf"));
        using SKFont labelFont = new(strong, 15) { Subpixel = true };
        using SKFont captionFont = new(typeface, 12) { Subpixel = true };
        using SKPaint ink = new() { Color = Ink, IsAntialias = true };
        using SKPaint muted = new() { Color = Muted, IsAntialias = true };

        float top = Margin;
        foreach (ImageGridRow row in rows)
        {
            if (row.Label.Length > 0)
            {
                canvas.DrawText(row.Label, Margin, top + 17, SKTextAlign.Left, labelFont, ink);
                top += LabelHeight;
            }

            (int cellWidth, int cellHeight) = CellSize(row.Images);
            for (int i = 0; i < row.Images.size(0); i++)
            {
                float left = Margin + i * (cell + Gap);
                using Tensor image = row.Images[i];
                using SKBitmap bitmap = PngImage.ToBitmap(image);
                using SKImage picture = SKImage.FromBitmap(bitmap);
                canvas.DrawImage(picture, new SKRect(left, top, left + cellWidth, top + cellHeight), new SKSamplingOptions(SKFilterMode.Nearest));
                if (row.Captions is not null)
                    canvas.DrawText(Fit(row.Captions[i], captionFont, cell), left + cellWidth / 2f, top + cellHeight + 16, SKTextAlign.Center, captionFont, muted);
            }

            top += cellHeight + (row.Captions is null ? 0 : CaptionHeight) + RowGap;
        }

        using SKImage snapshot = surface.Snapshot();
        using SKData data = snapshot.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static void Check(IReadOnlyList<ImageGridRow> rows)
    {
        if (rows.Count == 0) throw new ArgumentException("A grid needs at least one row.", nameof(rows));
        foreach (ImageGridRow row in rows)
        {
            if (row.Images.dim() != 4 || row.Images.size(1) != 3 || row.Images.numel() == 0)
                throw new ArgumentException($"Row \"{row.Label}\": expected images [N, 3, H, W], found [{string.Join(", ", row.Images.shape)}].", nameof(rows));
            if (row.Captions is not null && row.Captions.Count != row.Images.size(0))
                throw new ArgumentException($"Row \"{row.Label}\": {row.Captions.Count} captions for {row.Images.size(0)} images.", nameof(rows));
        }
    }

    private static int Height(ImageGridRow row) =>
        (row.Label.Length > 0 ? LabelHeight : 0) + CellSize(row.Images).Height + (row.Captions is null ? 0 : CaptionHeight) + RowGap;

    private static (int Width, int Height) CellSize(Tensor images)
    {
        int height = (int)images.size(2), width = (int)images.size(3);
        int scale = Math.Max(1, (LeastCell + width - 1) / width);
        return (width * scale, height * scale);
    }

    private static string Fit(string text, SKFont font, float width)
    {
        if (font.MeasureText(text) <= width) return text;
        string shorter = text;
        while (shorter.Length > 1 && font.MeasureText(shorter + "…") > width) shorter = shorter[..^1];
        return shorter + "…";
    }
}
