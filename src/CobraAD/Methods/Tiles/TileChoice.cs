using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Methods.Tiles;

/// <summary>Which tiles are looked at, and which are trained on.</summary>
/// <param name="Places">The places where some good image has content.</param>
/// <param name="LeftOut">How many other places there are.</param>
/// <param name="Training">The tiles with content, or as many of them as are trained on.</param>
internal sealed record TileChoice(IReadOnlyList<(int Top, int Left)> Places, int LeftOut, IReadOnlyList<TilePlace> Training)
{
    /// <summary>Chooses; where no tile at all has content, all of them count.</summary>
    /// <param name="images">Good images, which tiles fit.</param>
    /// <param name="options">Size, overlap and content of tiles.</param>
    /// <param name="seed">Decides which tiles are trained on when there are too many.</param>
    /// <param name="cancellation">Stops between two images.</param>
    public static TileChoice Of(ImageSet images, TileOptions options, long seed, CancellationToken cancellation)
    {
        IReadOnlyList<(int Top, int Left)> grid = TileGrid.Of(images.Height, images.Width, options);
        IReadOnlyList<double[]> content = TileContent.Of(images, options.Size, grid, cancellation);
        double least = Least(content, options);
        (int Top, int Left)[] places = [.. grid.Where((_, place) => content.Any(row => row[place] >= least))];
        return new TileChoice(places, grid.Count - places.Length, Some(All(content, grid, least), options.MostTraining, seed));
    }

    /// <summary>The tiles of good images with content, at places that were chosen before.</summary>
    /// <param name="images">Good images, which tiles fit.</param>
    /// <param name="options">Size and content of tiles.</param>
    /// <param name="places">The places that are looked at.</param>
    public static IReadOnlyList<TilePlace> WithContent(ImageSet images, TileOptions options, IReadOnlyList<(int Top, int Left)> places)
    {
        IReadOnlyList<double[]> content = TileContent.Of(images, options.Size, places, CancellationToken.None);
        return All(content, places, Least(content, options));
    }

    private static double Least(IReadOnlyList<double[]> content, TileOptions options) => content.Any(row => row.Any(value => value >= options.Content)) ? options.Content : 0;

    private static TilePlace[] All(IReadOnlyList<double[]> content, IReadOnlyList<(int Top, int Left)> places, double least) =>
        [.. content.SelectMany((row, image) => places.Where((_, place) => row[place] >= least).Select(place => new TilePlace(image, place.Top, place.Left)))];

    private static TilePlace[] Some(TilePlace[] all, int most, long seed)
    {
        if (all.Length <= most) return all;
        using Generator rng = new RandomStreams(seed).Create("training tiles");
        using Tensor order = randperm(all.Length, ScalarType.Int64, CPU, generator: rng);
        return [.. order.data<long>().Take(most).Order().Select(i => all[i])];
    }
}
