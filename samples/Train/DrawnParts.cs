using SkiaSharp;

namespace Train;

/// <summary>A data set of discs in MVTec's layout, for a first run without images.</summary>
internal static class DrawnParts
{
    /// <summary>Draws it and returns its folder.</summary>
    public static string In(string folder)
    {
        Draw(Path.Combine(folder, "train", "good"), 200, scratched: false);
        Draw(Path.Combine(folder, "test", "good"), 8, scratched: false);
        Draw(Path.Combine(folder, "test", "scratched"), 8, scratched: true);
        return folder;
    }

    private static void Draw(string folder, int count, bool scratched)
    {
        Directory.CreateDirectory(folder);
        for (int i = 0; i < count; i++)
        {
            using SKBitmap bitmap = new(16, 16);
            using SKCanvas canvas = new(bitmap);
            using SKPaint paint = new() { Color = SKColors.SteelBlue }, scratch = new() { Color = SKColors.Black, StrokeWidth = 3 };
            canvas.Clear(SKColors.White);
            canvas.DrawCircle(7 + i % 3, 8, 4 + i % 4, paint);
            if (scratched) canvas.DrawLine(0, i, 15, 15 - i, scratch);
            using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
            File.WriteAllBytes(Path.Combine(folder, $"{i:000}.png"), png.ToArray());
        }
    }
}
