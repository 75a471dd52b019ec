using System.Net.Http.Headers;
using SkiaSharp;

namespace CobraAD.Server.Tests;

/// <summary>Small images of known brightness.</summary>
internal static class TestPictures
{
    public static byte[] Grey(double brightness, SKEncodedImageFormat format = SKEncodedImageFormat.Png, int width = 16, int height = 16)
    {
        using SKBitmap bitmap = new(width, height);
        byte value = (byte)Math.Round(255 * brightness);
        bitmap.Erase(new SKColor(value, value, value));
        using SKData data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    public static ByteArrayContent Content(byte[] image, string type = "image/png")
    {
        ByteArrayContent content = new(image);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }
}
