using CobraAD.Datasets.Formats;

namespace CobraAD.Datasets.Demo;

/// <summary>
/// The data set that comes with the library: Fashion-MNIST (Zalando SE, MIT licence), trousers as normal. 500 of them are for
/// training; the test has 200 others and 200 garments of the nine other classes. Datasets/Demo/README.md says how they were chosen.
/// </summary>
public static class DemoDataset
{
    /// <summary>The name of the demo's benchmark.</summary>
    public const string Name = "fashion-mnist";

    /// <summary>The normal class: label 1, trousers.</summary>
    public const string NormalClass = "1";

    /// <summary>Opens the benchmark; no file outside the library is needed.</summary>
    /// <param name="size">Side in pixels to which the images (28 × 28) are resized.</param>
    /// <returns>The benchmark; the caller disposes it.</returns>
    public static AnomalyBenchmark Open(int size = 32)
    {
        DatasetOptions options = new() { ImageSize = size, NormalClass = NormalClass };
        options.Validate();
        CatalogLimits limits = new(options.MaxPixels, options.MemoryLimit);
        Catalog catalog = IdxCatalog.Combine(Name, [Read("train", CatalogPart.Train, limits), Read("t10k", CatalogPart.Test, limits)]);
        return DatasetLoader.Load(catalog, anomalyData: null, options, progress: null, CancellationToken.None);
    }

    private static IReadOnlyList<CatalogItem> Read(string part, CatalogPart catalogPart, CatalogLimits limits)
    {
        string images = $"{part}-images-idx3-ubyte.gz";
        string labels = $"{part}-labels-idx1-ubyte.gz";
        using Stream imageStream = Resource(images);
        using Stream labelStream = Resource(labels);
        return IdxCatalog.ReadPair(imageStream, $"demo/{images}", labelStream, $"demo/{labels}", catalogPart, limits);
    }

    private static Stream Resource(string file) => typeof(DemoDataset).Assembly.GetManifestResourceStream($"CobraAD.Datasets.Demo.{file}")
        ?? throw new InvalidOperationException($"The library was built without its demo data ({file}).");
}
