using CobraAD.Imaging;
using CobraAD.Serialization;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Datasets.Formats;

/// <summary>Decodes pictures on all cores and makes images of one size of them, straight into the memory of their set.</summary>
internal sealed class ItemDecoder(
    ImageReader reader, Framing framing, int total, bool skipUnreadable, IProgress<DatasetProgress>? progress, CancellationToken cancellation)
{
    private readonly Placement placement = Placements.Of(framing);
    private readonly Lock gate = new();
    private int read;

    /// <summary>The images that were left out.</summary>
    public List<UnreadableImage> Skipped { get; } = [];

    /// <summary>Told of each image as it was decoded, before it is resized, from the reading threads.</summary>
    public Action<CatalogItem, RgbImage>? Observer { get; init; }

    /// <summary>Makes a set of the images; <paramref name="kept"/> are those that could be read.</summary>
    /// <exception cref="DatasetException">An image cannot be read and unreadable ones are not to be skipped.</exception>
    public ImageSet Decode(string name, IReadOnlyList<CatalogItem> items, int size, out IReadOnlyList<CatalogItem> kept)
    {
        TorchRuntime.EnsureInitialized();
        Tensor pixels = empty([items.Count, 3, size, size], ScalarType.Byte);
        try
        {
            ImageReadException?[] failures = DecodeInto(pixels, items, size);
            if (!skipUnreadable && Array.Find(failures, failure => failure is not null) is { } first)
                throw new DatasetException($"{first.Message} Remove or replace it, or skip unreadable images (SkipUnreadable).", first);

            Skipped.AddRange(failures.OfType<ImageReadException>().Select(failure => new UnreadableImage(failure.ImageSource, failure.Reason)));
            long[] readable = [.. Enumerable.Range(0, items.Count).Where(i => failures[i] is null).Select(i => (long)i)];
            kept = [.. readable.Select(i => items[(int)i])];
            if (readable.Length < items.Count)
            {
                using Tensor all = pixels;
                using Tensor index = tensor(readable, ScalarType.Int64);
                pixels = all.index_select(0, index);
            }

            return new ImageSet(name, pixels, [.. kept.Select(item => item.Source)]) { Framing = framing.Kept };
        }
        catch
        {
            pixels.Dispose();
            throw;
        }
    }

    private ImageReadException?[] DecodeInto(Tensor pixels, IReadOnlyList<CatalogItem> items, int size)
    {
        ImageReadException?[] failures = new ImageReadException?[items.Count];
        if (items.Count == 0) return failures;

        int stride = 3 * size * size;
        // Spans over a whole tensor end at 2 GiB; its address does not.
        nint address = pixels.storage<byte>().data_ptr();
        ParallelOptions parallel = new() { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, items.Count, parallel, (i, state) =>
        {
            try
            {
                RgbImage image = items[i].Read(reader);
                Observer?.Invoke(items[i], image);
                unsafe
                {
                    image.PlaceInto(new Span<byte>((byte*)address + (long)i * stride, stride), size, size, placement);
                }
            }
            catch (Exception failure) when (failure is ImageReadException or DecodeException)
            {
                failures[i] = failure as ImageReadException ?? new ImageReadException(items[i].Source, failure.Message);
                // Every image before this one is still looked at, so that the first bad one is reported, however many threads there are.
                if (!skipUnreadable) state.Break();
            }

            Advance();
        });
        GC.KeepAlive(pixels);
        return failures;
    }

    private void Advance()
    {
        if (progress is null) return;
        lock (gate)
        {
            read++;
            if (read % Math.Max(1, total / 200) == 0 || read == total) progress.Report(new DatasetProgress(read, total));
        }
    }
}
