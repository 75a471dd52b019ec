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
            byte tone = (byte)(64 + 14 * (ring % 3) + random.Next(18));
            paint.Color = new SKColor(tone, (byte)(tone + 4), (byte)(tone + 9));
            canvas.DrawCircle(x, y, 108 - 14 * ring, paint);
        }

        if (hasStain)
        {
            paint.Color = new SKColor(214, 206, 190);
            canvas.DrawOval(x + random.Next(-35, 36), y + random.Next(-35, 36), 44 + random.Next(18), 52 + random.Next(18), paint);
        }

        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}
