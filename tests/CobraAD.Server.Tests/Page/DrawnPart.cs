using SkiaSharp;

namespace CobraAD.Server.Tests.Page;

/// <summary>A picture of a turned part, seen from above; bright stains make it anomalous for the fake detector.</summary>
internal static class DrawnPart
{
    public static byte[] Png(int seed, bool hasStain)
    {
        Random random = new(seed);
        using SKBitmap bitmap = new(256, 256);
        using SKCanvas canvas = new(bitmap);
        canvas.Clear(new SKColor(38, 42, 48));
        float x = 128 + random.Next(-5, 6);
        float y = 128 + random.Next(-5, 6);
        using SKPaint paint = new() { IsAntialias = true };
        for (int ring = 0; ring < 7; ring++)
        {
            byte tone = (byte)(60 + 14 * (ring % 3) + random.Next(16));
            paint.Color = new SKColor(tone, (byte)(tone + 4), (byte)(tone + 9));
            canvas.DrawCircle(x, y, 108 - 14 * ring, paint);
        }

        if (hasStain)
        {
            paint.Color = new SKColor(255, 250, 240);
            canvas.DrawOval(x + random.Next(-25, 25), y + random.Next(-25, 25), 82 + random.Next(20), 94 + random.Next(20), paint);
        }

        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}
