using SkiaSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions.Kinds;

/// <summary>Lossy transport.</summary>
internal sealed class JpegCompression : Corruption
{
    public override string Name => "jpeg";

    public override string Parameter => "quality";

    public override IReadOnlyList<double> Levels { get; } = [80, 65, 50, 30, 15];

    protected override Tensor Distort(Tensor images, double level, Generator rng) =>
        stack([.. Enumerable.Range(0, (int)images.size(0)).Select(i => Compress(images[i], (int)level))]);

    private static Tensor Compress(Tensor image, int quality)
    {
        using SKBitmap bitmap = new(new SKImageInfo((int)image.size(2), (int)image.size(1), SKColorType.Rgba8888, SKAlphaType.Opaque));
        Tensor opaque = cat([image, ones_like(image.narrow(0, 0, 1))]);
        byte[] bytes = (opaque * 255).round().to(ScalarType.Byte).permute(1, 2, 0).contiguous().data<byte>().ToArray();
        bytes.CopyTo(bitmap.GetPixelSpan());
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Jpeg, quality);
        using SKBitmap again = SKBitmap.Decode(data, bitmap.Info);
        Tensor pixels = tensor(again.GetPixelSpan().ToArray(), [image.size(1), image.size(2), 4L], ScalarType.Byte);
        return pixels.permute(2, 0, 1).narrow(0, 0, 3).to(ScalarType.Float32) / 255;
    }
}
