using SkiaSharp;

namespace CobraAD.Cli.Tests;

/// <summary>A data set of 16 × 16 discs: blue ones are good parts, red ones rusty.</summary>
internal static class DrawnParts
{
    private const string Quick = """
        {
          "network": { "encoder": { "widthFactor": 0.125 } },
          "attack": { "steps": 1 }, "pseudoAnomalies": { "filter": false }, "epochs": 1, "itemsPerEpoch": 0, "batchSize": 8, "learningRate": { "warmUpEpochs": 0 }
        }
        """;

    /// <summary>Draws it in MVTec's layout.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="good">Images to train on.</param>
    /// <returns>The data set's folder.</returns>
    public static string In(TemporaryFolder folder, int good = 24)
    {
        string data = folder.File("parts");
        Draw(Path.Combine(data, "train", "good"), good, SKColors.SteelBlue);
        Draw(Path.Combine(data, "test", "good"), 4, SKColors.SteelBlue);
        Draw(Path.Combine(data, "test", "rust"), 4, SKColors.OrangeRed);
        return data;
    }

    /// <summary>A file for <c>--config</c>: a network that learns nothing in the time it has.</summary>
    public static string Configuration(TemporaryFolder folder) => folder.File("quick.json", Quick);

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
