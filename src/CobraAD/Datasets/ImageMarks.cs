using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CobraAD.Datasets;

/// <summary>
/// What a model file keeps of every image it was trained on, to know it again among test images: a hash of its pixels, and its grey values on
/// a grid of 8 × 8, which a copy that was compressed anew or has a little noise still shares. Of more than 5,000 images it keeps the hashes alone.
/// </summary>
internal sealed class ImageMarks
{
    private const int HashBytes = 8;
    private const int Side = 8;
    private const int Cells = Side * Side;
    private const int MostThumbnails = 5000;

    /// <summary>Two pictures whose cells differ by no more than this (grey levels of 255, each rounded) are one picture.</summary>
    private const int AlikeWithin = 1;

    private readonly ulong[] hashes;
    private readonly byte[] thumbnails;

    private ImageMarks(ulong[] hashes, byte[] thumbnails)
    {
        this.hashes = hashes;
        this.thumbnails = thumbnails;
    }

    /// <summary>The marks of a set of images, as a model file keeps them.</summary>
    public static ImageMarks Of(ImageSet images) => Of(images, images.Count <= MostThumbnails);

    /// <summary>The marks of a set of images with thumbnails of all, for a comparison here and now.</summary>
    public static ImageMarks Whole(ImageSet images) => Of(images, withThumbnails: true);

    /// <summary>The marks that a model file holds; <see langword="null"/> where it holds none that fit, as older files.</summary>
    /// <param name="text">What <see cref="ToString"/> gave.</param>
    /// <param name="count">Number of images.</param>
    public static ImageMarks? Read(string? text, int count)
    {
        byte[] bytes = new byte[(long)(text?.Length ?? 0)];
        if (text is null || !Convert.TryFromBase64String(text, bytes, out int length) || length != count * (long)HashBytes && length != count * (long)(HashBytes + Cells)) return null;
        ulong[] hashes = new ulong[count];
        for (int i = 0; i < count; i++) hashes[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i * HashBytes));
        return new ImageMarks(hashes, bytes[(count * HashBytes)..length]);
    }

    /// <summary>All marks as one word.</summary>
    public override string ToString()
    {
        byte[] bytes = new byte[hashes.Length * HashBytes + thumbnails.Length];
        for (int i = 0; i < hashes.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * HashBytes), hashes[i]);
        thumbnails.CopyTo(bytes, hashes.Length * HashBytes);
        return Convert.ToBase64String(bytes);
    }

    /// <summary>Which images are among the marked ones: the same pixels, or almost the same picture.</summary>
    public IReadOnlyList<Recognition> Recognize(ImageSet images)
    {
        ImageMarks others = Of(images, withThumbnails: thumbnails.Length > 0);
        HashSet<ulong> known = [.. hashes];
        Recognition[] found = new Recognition[images.Count];
        Parallel.For(0, images.Count, i => found[i] = known.Contains(others.hashes[i]) ? Recognition.Same
            : thumbnails.Length > 0 && Resembles(others.thumbnails.AsSpan(i * Cells, Cells)) ? Recognition.Alike
            : Recognition.None);
        return found;
    }

    /// <summary>Which of other images have the same pixels as one of these; one look at each.</summary>
    public IReadOnlyList<bool> Same(ImageMarks others)
    {
        HashSet<ulong> known = [.. hashes];
        return [.. others.hashes.Select(known.Contains)];
    }

    /// <summary>How many different images there are, and how many that are not almost another one before them.</summary>
    public (int Different, int Distinct) Variety() =>
        (hashes.Distinct().Count(), thumbnails.Length == 0 ? hashes.Length : Originals().Count(original => original.Recognition == Recognition.None));

    /// <summary>
    /// For each image the first one before it with the same pixels, or else the first that is almost the same picture. Needs thumbnails. Only
    /// pictures of about the same brightness are compared: the time is linear but for those.
    /// </summary>
    public IReadOnlyList<(int Original, Recognition Recognition)> Originals()
    {
        int[] brightness = [.. Enumerable.Range(0, hashes.Length).Select(i => Sum(thumbnails.AsSpan(i * Cells, Cells)))];
        int[] order = [.. Enumerable.Range(0, hashes.Length).OrderBy(i => brightness[i]).ThenBy(i => i)];
        int[] ascending = [.. order.Select(i => brightness[i])];
        Dictionary<ulong, int> first = [];
        for (int i = hashes.Length - 1; i >= 0; i--) first[hashes[i]] = i;
        (int, Recognition)[] found = new (int, Recognition)[hashes.Length];
        Parallel.For(0, hashes.Length, i =>
        {
            int original = first[hashes[i]];
            found[i] = original < i ? (original, Recognition.Same) : FirstAlike(i) is var alike and >= 0 ? (alike, Recognition.Alike) : (i, Recognition.None);
        });
        return found;

        int FirstAlike(int image)
        {
            // Two thumbnails whose cells differ by one at most differ by no more than a cell's worth each in their sums.
            int start = Array.BinarySearch(ascending, brightness[image] - Cells * AlikeWithin), alike = -1;
            if (start < 0) start = ~start;
            while (start > 0 && ascending[start - 1] >= brightness[image] - Cells * AlikeWithin) start--;
            for (int place = start; place < order.Length && ascending[place] <= brightness[image] + Cells * AlikeWithin; place++)
            {
                int other = order[place];
                if (other < image && (alike < 0 || other < alike) && IsAlike(thumbnails.AsSpan(other * Cells, Cells), thumbnails.AsSpan(image * Cells, Cells))) alike = other;
            }

            return alike;
        }
    }

    private static ImageMarks Of(ImageSet images, bool withThumbnails)
    {
        ulong[] hashes = new ulong[images.Count];
        byte[] thumbnails = new byte[withThumbnails ? images.Count * Cells : 0];
        for (int i = 0; i < images.Count; i++)
        {
            byte[] pixels = images.InterleavedPixels(i);
            hashes[i] = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(pixels));
            if (withThumbnails) Shrink(pixels, images.Width, images.Height, thumbnails.AsSpan(i * Cells, Cells));
        }

        return new ImageMarks(hashes, thumbnails);
    }

    /// <summary>The mean of red, green and blue in every cell.</summary>
    private static void Shrink(ReadOnlySpan<byte> pixels, int width, int height, Span<byte> cells)
    {
        for (int cell = 0; cell < Cells; cell++)
        {
            (int left, int right) = (cell % Side * width / Side, Math.Max(cell % Side * width / Side + 1, (cell % Side + 1) * width / Side));
            (int top, int bottom) = (cell / Side * height / Side, Math.Max(cell / Side * height / Side + 1, (cell / Side + 1) * height / Side));
            long sum = 0;
            for (int y = top; y < bottom; y++)
            {
                foreach (byte value in pixels.Slice(3 * (y * width + left), 3 * (right - left))) sum += value;
            }

            int count = 3 * (right - left) * (bottom - top);
            cells[cell] = (byte)((sum + count / 2) / count);
        }
    }

    private bool Resembles(ReadOnlySpan<byte> thumbnail)
    {
        for (int start = 0; start < thumbnails.Length; start += Cells)
        {
            if (IsAlike(thumbnails.AsSpan(start, Cells), thumbnail)) return true;
        }

        return false;
    }

    private static bool IsAlike(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        int cell = 0;
        while (cell < Cells && Math.Abs(one[cell] - other[cell]) <= AlikeWithin) cell++;
        return cell == Cells;
    }

    private static int Sum(ReadOnlySpan<byte> cells)
    {
        int sum = 0;
        foreach (byte cell in cells) sum += cell;
        return sum;
    }
}
