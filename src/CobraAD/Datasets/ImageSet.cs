using System.Security.Cryptography;
using CobraAD.Imaging;
using CobraAD.Serialization.Archive;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Datasets;

/// <summary>
/// Images of one size, held as bytes in memory or, where they are many, in a file (<see cref="DatasetOptions.CacheFolder"/>), and handed out as batches
/// of float32 in [0, 1].
/// </summary>
public sealed class ImageSet : IDisposable
{
    private readonly IPixelStore pixels;
    private readonly Lazy<string> fingerprint;
    private readonly Lazy<ImageMarks> marks;
    private readonly Lazy<bool> areGrey;

    /// <summary>Wraps decoded images.</summary>
    /// <param name="name">The set's name in reports.</param>
    /// <param name="pixels">uint8 tensor [N, 3, H, W] on the CPU; the set takes it over and disposes it.</param>
    /// <param name="sources">Where each image came from (a file path, or "file#index"); one for each image.</param>
    /// <exception cref="ArgumentException">The tensor's type or shape, or the number of sources, does not fit.</exception>
    public ImageSet(string name, Tensor pixels, IReadOnlyList<string> sources)
        : this(name, new WholePixels(Checked(pixels, sources).DetachFromDisposeScope()), sources)
    {
    }

    /// <summary>Images wherever their pixels are.</summary>
    /// <param name="name">The set's name in reports.</param>
    /// <param name="pixels">As many as there are sources; taken over.</param>
    /// <param name="sources">Where each image came from.</param>
    internal ImageSet(string name, IPixelStore pixels, IReadOnlyList<string> sources)
    {
        Name = name;
        this.pixels = pixels;
        Sources = sources;
        fingerprint = new Lazy<string>(ComputeFingerprint);
        marks = new Lazy<ImageMarks>(() => ImageMarks.Of(this));
        areGrey = new Lazy<bool>(() => pixels is TilePixels tiles ? tiles.AreGrey : AllGrey());
    }

    /// <summary>The set's name in reports.</summary>
    public string Name { get; }

    /// <summary>Where each image came from.</summary>
    public IReadOnlyList<string> Sources { get; }

    /// <summary>How the images were made of pictures; <see langword="null"/> where they were only resized.</summary>
    public Framing? Framing { get; init; }

    /// <summary>Number of images.</summary>
    public int Count => Sources.Count;

    /// <summary>Height in pixels.</summary>
    public int Height => pixels.Height;

    /// <summary>Width in pixels.</summary>
    public int Width => pixels.Width;

    /// <summary>Whether the pixels are in memory; otherwise a file has them, of which the system keeps as much in memory as there is room.</summary>
    public bool IsInMemory => pixels.IsInMemory;

    /// <summary>SHA-256 (hex) over the shape and every pixel: the same images in the same order give the same value.</summary>
    public string Fingerprint => fingerprint.Value;

    /// <summary>The chosen images as float32 [B, 3, H, W] in [0, 1]; the caller disposes the tensor.</summary>
    /// <param name="indices">Which images, in which order; repetitions are allowed.</param>
    /// <param name="device">Where the batch goes; the CPU when <see langword="null"/>.</param>
    public Tensor Batch(ReadOnlySpan<long> indices, Device? device = null)
    {
        using Tensor chosen = pixels.Take(indices);
        using Tensor moved = DeviceUpload.To(chosen, device);
        Tensor real = moved.to(ScalarType.Float32);
        return real.div_(255f);
    }

    /// <summary>The images <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> - 1 as a batch.</summary>
    /// <param name="start">Index of the first image.</param>
    /// <param name="count">How many images; cut at the end of the set.</param>
    /// <param name="device">Where the batch goes; the CPU when <see langword="null"/>.</param>
    public Tensor Batch(int start, int count, Device? device = null) =>
        Batch([.. Enumerable.Range(start, Math.Min(count, Count - start)).Select(i => (long)i)], device);

    /// <summary>What a model file says of these images when a detector was trained on them.</summary>
    /// <remarks>Tiles have no marks: the images that they are cut from are known again by their own.</remarks>
    public ModelData Describe() => new(Name, "good images", Count, Height, Width, Fingerprint) { Marks = pixels is TilePixels ? null : Marks.ToString(), Framing = Framing };

    /// <summary>By what each image is known again.</summary>
    internal ImageMarks Marks => marks.Value;

    /// <summary>Whether red, green and blue are equal in every pixel of every image.</summary>
    internal bool AreGrey => areGrey.Value;

    /// <summary>A copy of all images as they are kept, uint8 [N, 3, H, W] on the CPU; the caller disposes it.</summary>
    internal Tensor Pixels() => pixels.Take([.. Enumerable.Range(0, Count).Select(i => (long)i)]);

    /// <summary>
    /// Of which image each of these is a tile; <see langword="null"/> of whole images. Whoever divides a set keeps the tiles of an image
    /// together, since they overlap.
    /// </summary>
    internal IReadOnlyList<int>? Origins => (pixels as TilePixels)?.Origins;

    /// <summary>Square tiles of these images as a set of their own, which is cut as it is read; this set must live as long.</summary>
    /// <param name="side">Side of a tile in pixels.</param>
    /// <param name="places">Where each tile lies, within the images.</param>
    internal ImageSet Tiles(int side, IReadOnlyList<TilePlace> places) =>
        new($"{Name}, tiles of {side} px", new TilePixels(this, side, places), [.. places.Select(place => $"{Sources[place.Image]}@{place.Left},{place.Top}")]);

    /// <summary>The bytes of one image as [height, width, 3], as cameras and other libraries have them.</summary>
    /// <param name="index">Which image.</param>
    public byte[] InterleavedPixels(int index)
    {
        using Tensor image = pixels.View(index);
        using Tensor turned = image.permute(0, 2, 3, 1);
        using Tensor dense = turned.contiguous();
        return dense.bytes.ToArray();
    }

    /// <summary>The bytes of one image as [3, height, width].</summary>
    internal byte[] PlanarPixels(int index)
    {
        using Tensor image = pixels.View(index), dense = image.contiguous();
        return dense.bytes.ToArray();
    }

    /// <summary>A set of its own with the chosen images; the caller disposes it.</summary>
    /// <param name="indices">Which images, in which order.</param>
    /// <param name="name">The new set's name; this set's when <see langword="null"/>.</param>
    public ImageSet Subset(IReadOnlyList<int> indices, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(indices);
        return new ImageSet(name ?? Name, pixels.Subset(indices), [.. indices.Select(i => Sources[i])]) { Framing = Framing };
    }

    /// <summary>The darkest and the brightest value of the first images.</summary>
    /// <param name="count">How many of them are looked at; at least 1.</param>
    internal (int Darkest, int Brightest) Range(int count)
    {
        (int low, int high) = (byte.MaxValue, byte.MinValue);
        for (int i = 0; i < count; i++)
        {
            using Tensor image = pixels.View(i), darkest = image.min(), brightest = image.max();
            (low, high) = (Math.Min(low, darkest.item<byte>()), Math.Max(high, brightest.item<byte>()));
        }

        return (low, high);
    }

    /// <inheritdoc cref="IPixelStore.View"/>
    internal Tensor View(int index) => pixels.View(index);

    /// <inheritdoc/>
    public void Dispose() => pixels.Dispose();

    private static Tensor Checked(Tensor pixels, IReadOnlyList<string> sources)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(sources);
        if (pixels.dtype != ScalarType.Byte || pixels.dim() != 4 || pixels.size(1) != 3)
            throw new ArgumentException($"Expected a uint8 tensor [N, 3, H, W], found {pixels.dtype} [{string.Join(", ", pixels.shape)}].", nameof(pixels));
        return sources.Count == pixels.size(0)
            ? pixels
            : throw new ArgumentException($"Expected one source for each of the {pixels.size(0)} images, found {sources.Count}.", nameof(sources));
    }

    /// <summary>One image at a time: on colour images the first decides.</summary>
    private bool AllGrey()
    {
        for (int i = 0; i < Count; i++)
        {
            using Tensor image = pixels.View(i), first = image.narrow(1, 0, 1), others = image.narrow(1, 1, 2), differ = others.ne(first), any = differ.any();
            if (any.item<bool>()) return false;
        }

        return true;
    }

    private string ComputeFingerprint()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (long side in (long[])[Count, 3, Height, Width]) hash.AppendData(BitConverter.GetBytes(side));
        // One image at a time: a tensor's span is limited to 2 GiB.
        for (int i = 0; i < Count; i++)
        {
            using Tensor view = pixels.View(i), image = view.contiguous();
            hash.AppendData(image.bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
