using CobraAD.Networks.Backbones;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Common;

/// <summary>The part of an image that a backbone sees: all of it, or the middle that its crop leaves.</summary>
/// <param name="Rows">Rows of the part.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Top">Rows above it.</param>
/// <param name="Left">Columns left of it.</param>
internal readonly record struct ShownWindow(int Rows, int Columns, int Top, int Left)
{
    /// <summary>What of images of a size is seen.</summary>
    public static ShownWindow Of(BackboneOptions backbone, int height, int width)
    {
        double shown = backbone is { CropTo: { } crop, ResizeTo: { } side } ? (double)crop / side : 1;
        int rows = (int)Math.Round(shown * height), columns = (int)Math.Round(shown * width);
        return new ShownWindow(rows, columns, (height - rows) / 2, (width - columns) / 2);
    }

    /// <summary>Enlarges a map to the window and continues its border's values outwards to the whole image; in the caller's scope.</summary>
    /// <param name="map">[B, 1, rows, columns] of any size.</param>
    /// <param name="height">Of the image.</param>
    /// <param name="width">Of the image.</param>
    public Tensor Place(Tensor map, long height, long width) => nn.functional.pad(
        nn.functional.interpolate(map, [Rows, Columns], mode: InterpolationMode.Bilinear, align_corners: false),
        [Left, width - Columns - Left, Top, height - Rows - Top], PaddingModes.Replicate);
}
