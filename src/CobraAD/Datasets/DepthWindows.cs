using CobraAD.Datasets.Formats;
using CobraAD.Imaging;
using CobraAD.Serialization;

namespace CobraAD.Datasets;

/// <summary>
/// Finds which samples of 16 bits become black and white. A camera of 12 bits fills a sixteenth of the range, which would leave 16 grey levels of 256:
/// so the range that good images use is stretched over all of them, and the model keeps it.
/// </summary>
internal static class DepthWindows
{
    /// <summary>The share of samples below the window's core, and above it: a hot pixel or a reflection does not decide.</summary>
    private const double Tail = 0.001;

    /// <summary>What the window has more on either side, as a share of its core: a defect darker or brighter than any good part is not cut off at once.</summary>
    private const double Margin = 0.1;

    /// <summary>So many images, spread over all of them, tell it.</summary>
    private const int MostImages = 64;

    /// <summary>The framing with a window, where one is to be found and the first training image that can be read has 16 bits.</summary>
    /// <param name="framing">What the options say.</param>
    /// <param name="train">The training images.</param>
    /// <param name="reader">Reads them.</param>
    /// <param name="cancellation">Stops between two images.</param>
    public static Framing Settle(Framing framing, IReadOnlyList<CatalogItem> train, ImageReader reader, CancellationToken cancellation)
    {
        if (framing.Window is not null || train.Select(item => Read(item, reader)).FirstOrDefault(image => image is not null) is not { IsDeep: true }) return framing;
        int count = Math.Min(MostImages, train.Count);
        Placement placement = Placements.Of(framing);
        long[] all = new long[Placement.White + 1];
        Lock gate = new();
        ParallelOptions parallel = new() { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, count, parallel, i =>
        {
            if (Read(train[(int)((long)i * train.Count / count)], reader) is not { } image) return;
            long[] own = new long[all.Length];
            try
            {
                image.Count(own, placement);
            }
            catch (DecodeException)
            {
                // It has no room for the region of interest. Reading the set reports it, or skips it.
                return;
            }

            lock (gate)
            {
                for (int sample = 0; sample < all.Length; sample++) all[sample] += own[sample];
            }
        });
        return framing with { Window = Of(all) };
    }

    /// <summary>The window of counted samples; the whole range where there are none, or all are the same.</summary>
    internal static DepthWindow Of(ReadOnlySpan<long> histogram)
    {
        long total = 0;
        foreach (long count in histogram) total += count;
        (int low, int high) = (0, histogram.Length - 1);
        long below = 0, above = 0;
        while (low < high && (below += histogram[low]) <= total * Tail) low++;
        while (high > low && (above += histogram[high]) <= total * Tail) high--;
        if (low == high || total == 0) return DepthWindow.Full;
        int margin = (int)Math.Ceiling((high - low) * Margin);
        return new DepthWindow(Math.Max(0, low - margin), Math.Min(Placement.White, high + margin));
    }

    private static RgbImage? Read(CatalogItem item, ImageReader reader)
    {
        try
        {
            return item.Read(reader);
        }
        catch (ImageReadException)
        {
            // Reading the set reports it, or skips it.
            return null;
        }
    }
}
