using System.Buffers;
using CobraAD.Datasets.Cache;
using CobraAD.Imaging;
using CobraAD.Serialization;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Datasets.Formats;

/// <summary>Decodes pictures on all cores and makes images of one size of them, straight into the memory of their set, or into its file.</summary>
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

    /// <summary>Keeps the pixels in files; memory has them when <see langword="null"/>.</summary>
    public PixelCache? Cache { get; init; }

    /// <summary>Makes a set of the images; <paramref name="kept"/> are those that could be read.</summary>
    /// <exception cref="DatasetException">An image cannot be read and unreadable ones are not to be skipped, or there is no room for the pixels.</exception>
    public ImageSet Decode(string name, IReadOnlyList<CatalogItem> items, int size, out IReadOnlyList<CatalogItem> kept)
    {
        TorchRuntime.EnsureInitialized();
        return Cache is null || items.Count == 0 ? DecodeIntoMemory(name, items, size, out kept) : DecodeIntoFile(Cache, name, items, size, out kept);
    }

    private ImageSet DecodeIntoMemory(string name, IReadOnlyList<CatalogItem> items, int size, out IReadOnlyList<CatalogItem> kept)
    {
        Tensor pixels = empty([items.Count, 3, size, size], ScalarType.Byte);
        try
        {
            int[] readable = Readable(items, DecodeInto(pixels, items, size), out kept);
            if (readable.Length < items.Count)
            {
                using Tensor all = pixels;
                using Tensor index = tensor([.. readable.Select(i => (long)i)], ScalarType.Int64);
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

    private ImageSet DecodeIntoFile(PixelCache cache, string name, IReadOnlyList<CatalogItem> items, int size, out IReadOnlyList<CatalogItem> kept)
    {
        int before = read;
        PixelFile file = cache.Open(name, items, size, framing.Kept, reader.MaxPixels, isFresh: Observer is not null, write => Failures(DecodeThrough(write, items, size)), cancellation);
        try
        {
            if (read == before) Advance(items.Count);
            ImageReadException?[] failures = new ImageReadException?[items.Count];
            foreach (UnreadableRow row in file.Content.Unreadable) failures[row.Row] = new ImageReadException(row.Source, row.Reason);
            int[] rows = Readable(items, failures, out kept);
            return new ImageSet(name, new MappedPixels(file, rows), [.. kept.Select(item => item.Source)]) { Framing = framing.Kept };
        }
        catch
        {
            file.Release();
            throw;
        }
    }

    /// <summary>The images that could be read; without leave to skip any, all of them must be.</summary>
    private int[] Readable(IReadOnlyList<CatalogItem> items, ImageReadException?[] failures, out IReadOnlyList<CatalogItem> kept)
    {
        RequireAll(failures);
        Skipped.AddRange(failures.OfType<ImageReadException>().Select(failure => new UnreadableImage(failure.ImageSource, failure.Reason)));
        int[] readable = [.. Enumerable.Range(0, items.Count).Where(i => failures[i] is null)];
        kept = readable.Length == items.Count ? items : [.. readable.Select(i => items[i])];
        return readable;
    }

    private void RequireAll(ImageReadException?[] failures)
    {
        if (!skipUnreadable && Array.Find(failures, failure => failure is not null) is { } first)
            throw new DatasetException($"{first.Message} Remove or replace it, or skip unreadable images (SkipUnreadable).", first);
    }

    /// <summary>A file is complete or is not made: one image that may not be skipped stops it.</summary>
    private IReadOnlyList<UnreadableRow> Failures(ImageReadException?[] failures)
    {
        RequireAll(failures);
        return [.. failures.Select((failure, i) => failure is null ? null : new UnreadableRow(i, failure.ImageSource, failure.Reason)).OfType<UnreadableRow>()];
    }

    private ImageReadException?[] DecodeInto(Tensor pixels, IReadOnlyList<CatalogItem> items, int size)
    {
        if (items.Count == 0) return [];
        int stride = 3 * size * size;
        // Spans over a whole tensor end at 2 GiB; its address does not.
        nint address = pixels.storage<byte>().data_ptr();
        ImageReadException?[] failures = DecodeEach(items, (i, image) =>
        {
            unsafe
            {
                image.PlaceInto(new Span<byte>((byte*)address + (long)i * stride, stride), size, size, placement);
            }
        });
        GC.KeepAlive(pixels);
        return failures;
    }

    /// <exception cref="IOException">The bytes could not be written.</exception>
    private ImageReadException?[] DecodeThrough(Action<int, ReadOnlyMemory<byte>> write, IReadOnlyList<CatalogItem> items, int size)
    {
        int stride = 3 * size * size;
        return DecodeEach(items, (i, image) =>
        {
            byte[] row = ArrayPool<byte>.Shared.Rent(stride);
            image.PlaceInto(row.AsSpan(0, stride), size, size, placement);
            write(i, row.AsMemory(0, stride));
            ArrayPool<byte>.Shared.Return(row);
        });
    }

    private ImageReadException?[] DecodeEach(IReadOnlyList<CatalogItem> items, Action<int, RgbImage> take)
    {
        ImageReadException?[] failures = new ImageReadException?[items.Count];
        IOException? full = null;
        ParallelOptions parallel = new() { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, items.Count, parallel, (i, state) =>
        {
            try
            {
                RgbImage image = items[i].Read(reader);
                Observer?.Invoke(items[i], image);
                take(i, image);
            }
            catch (Exception failure) when (failure is ImageReadException or DecodeException)
            {
                failures[i] = failure as ImageReadException ?? new ImageReadException(items[i].Source, failure.Message);
                // Every image before this one is still looked at, so that the first bad one is reported, however many threads there are.
                if (!skipUnreadable) state.Break();
            }
            catch (IOException failure)
            {
                Interlocked.CompareExchange(ref full, failure, null);
                state.Stop();
            }

            Advance(1);
        });
        return full is null ? failures : throw new IOException(full.Message, full);
    }

    private void Advance(int images)
    {
        if (progress is null) return;
        lock (gate)
        {
            read += images;
            if (images > 1 || read % Math.Max(1, total / 200) == 0 || read == total) progress.Report(new DatasetProgress(read, total));
        }
    }
}
