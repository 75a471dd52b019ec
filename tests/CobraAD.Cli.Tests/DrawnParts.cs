using SkiaSharp;

namespace CobraAD.Cli.Tests;

/// <summary>A data set of 16 × 16 discs: blue ones are good parts, red ones rusty.</summary>
internal static class DrawnParts
{
    /// <summary>Draws it in MVTec's layout.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="test">Test images of each class.</param>
    /// <returns>The data set's folder.</returns>
    public static string In(TemporaryFolder folder, int test = 4)
    {
        string data = folder.File("parts");
        Draw(Path.Combine(data, "train", "good"), 24, SKColors.SteelBlue);
        Draw(Path.Combine(data, "test", "good"), test, SKColors.SteelBlue);
        Draw(Path.Combine(data, "test", "rust"), test, SKColors.OrangeRed);
        return data;
    }

    private static void Draw(string folder, int count, SKColor color)
    {
        Directory.CreateDirectory(folder);
        for (int i = 0; i < count; i++)
        {
            using SKBitmap bitmap = new(16, 16);
            using SKCanvas canvas = new(bitmap);
            using SKPaint paint = new() { Color = color };
            canvas.Clear(SKColors.White);
            canvas.DrawCircle(8, 8, 4 + i % 4, paint);
            using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
            File.WriteAllBytes(Path.Combine(folder, $"{i:000}.png"), png.ToArray());
        }
    }
}
