using BitMiracle.LibTiff.Classic;
using CobraAD.Imaging;
using SkiaSharp;

namespace CobraAD.Tests.Imaging;

/// <summary>A decoder's success does not mean that the whole picture was there.</summary>
public sealed class CutFileTests
{
    private readonly ImageReader reader = new();

    public static TheoryData<string> Kinds => ["progressive jpeg", "jpeg", "png", "deep png", "deep interlaced png", "webp", "lossless webp", "bmp", "tiff", "tiled tiff"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_cut_file_is_refused_or_it_lost_nothing_of_the_picture(string kind)
    {
        byte[] file = Make(kind);
        byte[] whole = reader.Read(file, kind).Pixels.ToArray();
        List<int> wrong = [];

        for (int length = 1; length < file.Length; length += Math.Max(1, file.Length / 300))
        {
            try
            {
                if (!reader.Read(file[..length], kind).Pixels.Span.SequenceEqual(whole)) wrong.Add(length);
            }
            catch (ImageReadException)
            {
                // That is what should happen.
            }
        }

        Assert.True(wrong.Count == 0, $"{kind} of {file.Length} bytes is taken for whole after {string.Join(", ", wrong)}.");
    }

    [Fact]
    public void A_progressive_jpeg_without_its_last_scan_is_refused_although_it_has_an_end()
    {
        byte[] file = Picture.ProgressiveJpeg();
        int lastScan = file.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xff, 0xda]);

        ImageReadException refused = Assert.Throws<ImageReadException>(() => reader.Read([.. file[..lastScan], 0xff, 0xd9], "a.jpg"));

        Assert.Contains("cut short", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_follows_the_end_of_a_jpeg_does_not_matter()
    {
        byte[] file = Picture.ProgressiveJpeg();

        RgbImage image = reader.Read([.. file, 0, 0xff, 0xda, 1], "a.jpg");

        Assert.Equal(reader.Read(file, "a.jpg").Pixels.ToArray(), image.Pixels.ToArray());
    }

    [Fact]
    public void A_deep_png_with_a_changed_byte_is_refused()
    {
        byte[] file = Make("deep png");
        file[^30] ^= 4;

        Assert.Throws<ImageReadException>(() => reader.Read(file, "a.png"));
    }

    private static byte[] Make(string kind) => kind switch
    {
        "progressive jpeg" => Picture.ProgressiveJpeg(),
        "jpeg" => Picture.Encode(SKEncodedImageFormat.Jpeg, 48, 40),
        "png" => Picture.Encode(SKEncodedImageFormat.Png, 48, 40),
        "deep png" => Picture.EncodeDeepPng(24, 20, 3, (x, y, s) => (x * 2711 + y * 919 + s * 77) & 0xffff),
        "deep interlaced png" => Picture.EncodeDeepPng(24, 20, 3, (x, y, s) => (x * 2711 + y * 919 + s * 77) & 0xffff, isInterlaced: true),
        "webp" => Picture.Encode(SKEncodedImageFormat.Webp, 48, 40, quality: 70),
        "lossless webp" => Picture.Encode(SKEncodedImageFormat.Webp, 48, 40),
        "bmp" => Picture.EncodeBmp(24, 20, blue: 200),
        "tiff" => Picture.EncodeTiff(24, 20, 8, 3, Photometric.RGB, (x, y, s) => 10 * x + y + s),
        "tiled tiff" => Picture.EncodeTiff(24, 20, 16, 1, Photometric.MINISBLACK, (x, y, s) => 999 * x + y + s, tiled: true),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind."),
    };
}
