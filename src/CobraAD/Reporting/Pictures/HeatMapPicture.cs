using CobraAD.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Reporting.Pictures;

/// <summary>An image with its map laid over it: red where it is most anomalous, untouched where it is least.</summary>
internal static class HeatMapPicture
{
    /// <summary>How much of the image's colour the strongest pixel hides: the Runtime's heat map does the same.</summary>
    private const double Strongest = 2 / 3.0;

    /// <summary>The map over the whole picture that an image was made of.</summary>
    /// <param name="path">The picture's file.</param>
    /// <param name="placement">How the image was made of it.</param>
    /// <param name="map">[H, W] of the image; larger is more anomalous.</param>
    /// <exception cref="ImageReadException">The file cannot be read any more.</exception>
    public static byte[] EncodeWhole(string path, Placement placement, Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        RgbImage whole = new ImageReader().Read(path);
        Tensor heat = map.detach().cpu().to(ScalarType.Float32).contiguous();
        (float[] values, int width, int height) = placement.Back(heat.data<float>().ToArray(), (int)map.size(1), (int)map.size(0), whole.Width, whole.Height, heat.min().item<float>());
        byte[] picture = new byte[3 * width * height];
        whole.PlaceInto(picture, width, height, placement.OfWhole);
        return Encode(tensor(picture).view(3, height, width).to(ScalarType.Float32).div_(255f), tensor(values).view(height, width));
    }

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
