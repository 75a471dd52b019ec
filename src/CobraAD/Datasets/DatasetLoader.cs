using CobraAD.Datasets.Cache;
using CobraAD.Datasets.Formats;
using CobraAD.Datasets.Protocols;
using CobraAD.Imaging;
using CobraAD.Serialization;

namespace CobraAD.Datasets;

/// <summary>Reads data sets from disk.</summary>
public static class DatasetLoader
{
    /// <summary>
    /// Opens a data set under a protocol. With a normal class the rest of the classes are the anomalies (one-class); with a second data set
    /// as anomalies its images are; a data set without normal test images gets some by a random split. The same options give the same
    /// images in the same order.
    /// </summary>
    /// <param name="path">The data set's folder.</param>
    /// <param name="options">What to read and how; the defaults when <see langword="null"/>.</param>
    /// <param name="progress">Told how many images are decoded, in order, from the reading threads.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The benchmark; the caller disposes it.</returns>
    /// <exception cref="DatasetException">The data set is missing, damaged, incomplete or too small, or there is no room for its decoded images.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    public static AnomalyBenchmark Open(
        string path, DatasetOptions? options = null, IProgress<DatasetProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new DatasetOptions();
        options.Validate();
        Catalog catalog = DatasetFormats.Open(path, options, goodIsNeeded: options.NormalClass is null);
        DatasetOptions otherOptions = options with { Layout = DatasetLayout.Auto, NormalClass = null };
        Catalog? anomalyData = options.AnomalyData is { } other ? DatasetFormats.Open(other, otherOptions, goodIsNeeded: false) : null;
        return Load(catalog, anomalyData, options, progress, cancellation);
    }

    /// <summary>
    /// Reads a data set with the labels of all its classes, to train a classifier. Its test part is held out; where it has none, a
    /// random part of each class is. The same options give the same images in the same order.
    /// </summary>
    /// <param name="path">The data set's folder: a folder for each class, or IDX, CIFAR or SVHN files.</param>
    /// <param name="options">What to read; the defaults when <see langword="null"/>.</param>
    /// <param name="progress">Told how many images are decoded, in order, from the reading threads.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The images; the caller disposes them.</returns>
    /// <exception cref="DatasetException">The data set is missing, damaged or too small, has fewer than two classes, or there is no room for its decoded images.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    public static LabelledImages OpenLabelled(
        string path, LabelledDatasetOptions? options = null, IProgress<DatasetProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new LabelledDatasetOptions();
        options.Validate();
        DatasetOptions reading = options.Reading;
        Catalog catalog = DatasetFormats.Open(path, reading, goodIsNeeded: false);
        // Good images at any depth are what a folder is without a normal class; here its folders are the classes.
        if (catalog.Layout == DatasetLayout.Images) catalog = DatasetFormats.Open(path, reading with { Layout = DatasetLayout.ClassFolders }, goodIsNeeded: false);
        LabelledPlan plan = LabelledPlan.Make(catalog, options);
        ImageReader reader = new() { MaxPixels = options.MaxPixels };
        int size = options.ImageSize ?? SizeFor(plan.Train, reader, Placement.Plain);
        int total = plan.Train.Count + plan.HeldOut.Count;
        ItemDecoder decoder = new(reader, reading.Framing, total, options.SkipUnreadable, progress, cancellation) { Cache = PixelCache.For(reading, 3L * size * size * total) };
        ImageSet train = decoder.Decode($"{catalog.Name} train", plan.Train, size, out IReadOnlyList<CatalogItem> trainItems);
        try
        {
            LabelledPlan.RequireEnough(train.Count, catalog.Name);
            ImageSet heldOut = decoder.Decode($"{catalog.Name} held out", plan.HeldOut, size, out IReadOnlyList<CatalogItem> heldOutItems);
            return new LabelledImages(catalog.Name, train, Labels(trainItems), heldOut, Labels(heldOutItems), plan.Classes)
            {
                ExcludedClasses = plan.ExcludedClasses,
                Skipped = [.. Omissions(catalog), .. decoder.Skipped],
            };
        }
        catch
        {
            train.Dispose();
            throw;
        }

        long[] Labels(IEnumerable<CatalogItem> items)
        {
            Dictionary<string, long> numbers = plan.Classes.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => (long)pair.i, StringComparer.Ordinal);
            return [.. items.Select(item => numbers[item.Kind])];
        }
    }

    /// <summary>Reads image files, for example to score them. An unreadable one is listed and does not stop the others.</summary>
    /// <param name="paths">Files and folders; of a folder all image files at any depth.</param>
    /// <param name="size">Side in pixels of every image.</param>
    /// <param name="framing">How pictures become such images; <see langword="null"/> where they are only resized.</param>
    /// <param name="maxPixels">Images that claim more pixels are refused before they are decoded: a small file can claim a huge image.</param>
    /// <param name="progress">Told how many images are decoded, in order, from the reading threads.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The images and what could not be read; the caller disposes it.</returns>
    /// <exception cref="DatasetException">The images do not fit into memory.</exception>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    internal static ReadImages ReadImages(
        IEnumerable<string> paths, int size, Framing? framing, long maxPixels = ImageReader.DefaultMaxPixels,
        IProgress<DatasetProgress>? progress = null, CancellationToken cancellation = default)
    {
        ListedFiles files = ListedFiles.Of(paths);
        ReadImages read = ReadFiles(files.Paths, size, framing, maxPixels, progress, cancellation);
        return read with { Unreadable = [.. files.Omitted, .. read.Unreadable] };
    }

    /// <summary>The same of files alone; what is not there is listed as unreadable.</summary>
    internal static ReadImages ReadFiles(
        IReadOnlyList<string> files, int size, Framing? framing, long maxPixels = ImageReader.DefaultMaxPixels, IProgress<DatasetProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        CatalogItem[] items = [.. files.Select(path => CatalogItem.FromFile(path, Catalog.Good, CatalogPart.Undivided))];
        new CatalogLimits(maxPixels, MemoryLimit: null) { IsAdjustable = false }.RequireMemory(3L * size * size * items.Length, $"{items.Length} images of {size} × {size} pixels");
        ItemDecoder decoder = new(new ImageReader { MaxPixels = maxPixels }, framing ?? new Framing(), items.Length, skipUnreadable: true, progress, cancellation);
        ImageSet images = decoder.Decode("images", items, size, out _);
        return new ReadImages(images, decoder.Skipped);
    }

    internal static UnreadableImage[] Omissions(params ReadOnlySpan<Catalog?> catalogs)
    {
        List<UnreadableImage> omitted = [];
        foreach (Catalog? catalog in catalogs)
        {
            if (catalog is not null) omitted.AddRange(catalog.Omitted.Select(entry => new UnreadableImage(entry.Path, entry.Reason)));
        }

        return [.. omitted];
    }

    internal static AnomalyBenchmark Load(
        Catalog catalog, Catalog? anomalyData, DatasetOptions options, IProgress<DatasetProgress>? progress, CancellationToken cancellation)
    {
        BenchmarkPlan plan = BenchmarkPlan.Make(catalog, anomalyData, options);
        CatalogItem[] test = [.. plan.NormalTest, .. plan.AnomalousTest];
        int total = plan.Train.Count + test.Length;
        ImageReader reader = new() { MaxPixels = options.MaxPixels };
        Framing framing = DepthWindows.Settle(options.Framing, plan.Train, reader, cancellation);
        int size = options.ImageSize ?? SizeFor(plan.Train, reader, Placements.Of(framing));
        ItemDecoder decoder = new(reader, framing, total, options.SkipUnreadable, progress, cancellation) { Cache = PixelCache.For(options, 3L * size * size * total) };
        ImageSet train = decoder.Decode($"{plan.Name} train", plan.Train, size, out _);
        try
        {
            BenchmarkPlan.RequireEnough(train.Count, plan.Name);
            ImageSet testSet = decoder.Decode($"{plan.Name} test", test, size, out IReadOnlyList<CatalogItem> kept);
            HashSet<CatalogItem> anomalous = new(plan.AnomalousTest, ReferenceEqualityComparer.Instance);
            return new AnomalyBenchmark(plan.Name, plan.Protocol, train, testSet, [.. kept.Select(anomalous.Contains)], [.. kept.Select(item => item.Kind)])
            {
                TestMasks = kept.Any(item => item.Mask is not null) ? [.. kept.Select(item => item.Mask)] : null,
                Skipped = [.. Omissions(catalog, anomalyData), .. decoder.Skipped],
            };
        }
        catch
        {
            train.Dispose();
            throw;
        }
    }

    /// <summary>The default image size, from the first training image that can be read.</summary>
    internal static int SizeFor(IReadOnlyList<CatalogItem> train, ImageReader reader, Placement placement)
    {
        foreach (CatalogItem item in train)
        {
            try
            {
                RgbImage image = item.Read(reader);
                return placement.LongerSide(image.Width, image.Height) switch { <= 32 => 32, <= 64 => 64, _ => 224 };
            }
            catch (Exception failure) when (failure is ImageReadException or DecodeException)
            {
                // Reading the set reports it, or skips it.
            }
        }

        return 32;
    }
}
