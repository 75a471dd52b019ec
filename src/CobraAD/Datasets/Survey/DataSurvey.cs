using System.Collections.Concurrent;
using CobraAD.Datasets.Cache;
using CobraAD.Datasets.Formats;
using CobraAD.Datasets.Protocols;
using CobraAD.Imaging;
using CobraAD.Serialization;

namespace CobraAD.Datasets.Survey;

/// <summary>A data set read for a look at it: every image at its own size, and all of them at one.</summary>
/// <param name="Name">The data set's name.</param>
/// <param name="Items">What is known of each image: first those to train on, then the test images.</param>
/// <param name="Images">The same images at one size.</param>
/// <param name="Skipped">What could not be read, or is left out.</param>
internal sealed record DataSurvey(string Name, IReadOnlyList<SurveyedImage> Items, ImageSet Images, IReadOnlyList<UnreadableImage> Skipped) : IDisposable
{
    /// <summary>
    /// Reads a data set. What cannot be read is listed and stops nothing. No image is put aside for a test: a data set without a test part is
    /// trained on as a whole.
    /// </summary>
    /// <param name="path">The data set's folder.</param>
    /// <param name="options">What counts as normal, and the images' size.</param>
    /// <param name="progress">Told how many images are read.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="DatasetException">The data set is missing, damaged or too small, or there is no room for its decoded images.</exception>
    public static DataSurvey Of(string path, DatasetOptions options, IProgress<DatasetProgress>? progress, CancellationToken cancellation)
    {
        options = options with { TestFraction = 0, SkipUnreadable = true };
        options.Validate();
        Catalog catalog = DatasetFormats.Open(path, options, goodIsNeeded: options.NormalClass is null);
        Catalog? anomalyData = options.AnomalyData is { } other
            ? DatasetFormats.Open(other, options with { Layout = DatasetLayout.Auto, NormalClass = null }, goodIsNeeded: false)
            : null;
        BenchmarkPlan plan = BenchmarkPlan.Make(catalog, anomalyData, options);
        CatalogItem[] items = [.. plan.Train, .. plan.NormalTest, .. plan.AnomalousTest];
        ImageReader reader = new() { MaxPixels = options.MaxPixels };
        Framing framing = DepthWindows.Settle(options.Framing, plan.Train, reader, cancellation);
        int size = options.ImageSize ?? DatasetLoader.SizeFor(plan.Train, reader, Placements.Of(framing));
        ConcurrentDictionary<CatalogItem, (int Width, int Height, PictureMeasures Measures)> seen = new(ReferenceEqualityComparer.Instance);
        ItemDecoder decoder = new(reader, framing, items.Length, skipUnreadable: true, progress, cancellation)
        {
            Cache = PixelCache.For(options, 3L * size * size * items.Length),
            Observer = (item, image) => seen[item] = (image.Width, image.Height, PictureMeasures.Of(image.Pixels.Span, image.Width, image.Height)),
        };
        ImageSet images = decoder.Decode(plan.Name, items, size, out IReadOnlyList<CatalogItem> kept);
        HashSet<CatalogItem> training = new(plan.Train, ReferenceEqualityComparer.Instance), anomalous = new(plan.AnomalousTest, ReferenceEqualityComparer.Instance);
        return new DataSurvey(
            plan.Name,
            [
                .. kept.Select(item => new SurveyedImage(
                    item.Source, item.Kind, training.Contains(item), !anomalous.Contains(item), seen[item].Width, seen[item].Height, seen[item].Measures)),
            ],
            images,
            [.. DatasetLoader.Omissions(catalog, anomalyData), .. decoder.Skipped]);
    }

    /// <inheritdoc/>
    public void Dispose() => Images.Dispose();
}
