using CobraAD.Datasets;
using CobraAD.Detection;

namespace CobraAD.Methods.Tiles;

/// <summary>What a training in tiles looks at.</summary>
public static class TrainingTiles
{
    /// <summary>The tiles that are trained on, as a set of their own: those with content, or as many of them as the options allow.</summary>
    /// <param name="images">Good images; they must live as long as the tiles, which are cut out of them as they are needed.</param>
    /// <param name="options">Options with <see cref="DetectorOptions.Tiles"/>.</param>
    /// <param name="cancellation">Stops between two images.</param>
    /// <exception cref="ArgumentException">The options have no tiles, or tiles do not fit the images.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ImageSet Of(ImageSet images, DetectorOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Tiles is not { } tiles) throw new ArgumentException("These options look at whole images: set Tiles.", nameof(options));
        tiles.RequireFit(images.Height, images.Width);
        return images.Tiles(tiles.Size, TileChoice.Of(images, tiles, options.Seed, cancellation).Training);
    }
}
