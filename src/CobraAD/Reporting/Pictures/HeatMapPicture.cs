using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Reporting.Pictures;

/// <summary>An image with its map laid over it: red where it is most anomalous, untouched where it is least.</summary>
internal static class HeatMapPicture
{
    /// <summary>How much of the image's colour the strongest pixel hides: the Runtime's heat map does the same.</summary>
    private const double Strongest = 2 / 3.0;

    /// <summary>The picture as PNG bytes.</summary>
    /// <param name="image">[3, H, W] in [0, 1].</param>
    /// <param name="map">[H, W]; larger is more anomalous.</param>
    public static byte[] Encode(Tensor image, Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor heat = map.detach().cpu().to(ScalarType.Float32), least = heat.min(), range = heat.max() - least;
        // A flat map points nowhere.
        Tensor cover = Strongest * (heat - least) / range.clamp_min(1e-12);
        Tensor red = tensor(new[] { 1f, 0, 0 }).view(3, 1, 1);
        return PngImage.Encode(image.detach().cpu() * (1 - cover) + red * cover);
    }
}
