using CobraAD.Datasets;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Tiles;

/// <summary>Which tiles show something: a tile has content when its grey values (the mean of red, green and blue) vary enough.</summary>
internal static class TileContent
{
    /// <summary>The standard deviation of the grey values, 0 to 0.5, of every tile: [image][place].</summary>
    /// <param name="images">The images.</param>
    /// <param name="side">Side of a tile in pixels.</param>
    /// <param name="places">Where tiles lie.</param>
    /// <param name="cancellation">Stops between two images.</param>
    public static IReadOnlyList<double[]> Of(ImageSet images, int side, IReadOnlyList<(int Top, int Left)> places, CancellationToken cancellation)
    {
        List<double[]> content = [];
        using IDisposable frozen = no_grad();
        for (int i = 0; i < images.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            Tensor grey = images.Batch(i, 1).mean([1]).squeeze(0);
            content.Add([.. places.Select(place =>
            {
                using DisposeScope tile = NewDisposeScope();
                return (double)grey.narrow(0, place.Top, side).narrow(1, place.Left, side).std(unbiased: false).item<float>();
            })]);
        }

        return content;
    }
}
