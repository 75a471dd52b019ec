using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CobraAD.Datasets.Formats;
using CobraAD.Imaging;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Torch.Files;
using Microsoft.Win32.SafeHandles;

namespace CobraAD.Datasets.Cache;

/// <summary>
/// Keeps decoded images in files. With a folder of the user's, a file stays there and serves later runs, as long as it is of the same images: their
/// names, sizes and times, the size that they are brought to and how they are framed, and the version of this library. A file of other images, or one that is damaged, is
/// made anew. Without such a folder the file has no name from the moment it is made: it goes with the process, however that ends.
/// </summary>
/// <param name="folder">Where files are made; made when missing, where they stay.</param>
/// <param name="isKept">Whether they stay there.</param>
internal sealed class PixelCache(string folder, bool isKept)
{
    private const string Extension = ".pixels";

    /// <summary>Letters of a set's name in that of its file: a folder's whole name, with what is added to it, may be longer than a name can be.</summary>
    private const int MostLetters = 60;

    private static readonly TimeSpan BetweenTwoLooks = TimeSpan.FromMilliseconds(200);

    /// <summary>How bytes get into a file.</summary>
    public PixelWriter Write { get; init; } = WriteToDisk;

    /// <summary>The cache of a data set, or <see langword="null"/> where its images are decoded into memory.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="bytes">Decoded bytes of all images.</param>
    public static PixelCache? For(DatasetOptions options, long bytes)
    {
        if (options.CacheFolder is { } chosen) return new PixelCache(chosen, isKept: true);
        return bytes <= (options.MemoryLimit ?? Math.Min(DatasetOptions.MostBytesInMemory, CatalogLimits.FreeMemory())) ? null : new PixelCache(ScratchFolder.Find(), isKept: false);
    }

    /// <summary>The file of some images: the one that is there, or a new one.</summary>
    /// <param name="name">The set's name.</param>
    /// <param name="items">The images; at least one.</param>
    /// <param name="side">Height and width that each gets.</param>
    /// <param name="framing">How pictures become such images; <see langword="null"/> where they are only resized.</param>
    /// <param name="maxPixels">Images with more pixels count as unreadable.</param>
    /// <param name="isFresh">Whether they are to be decoded even where a file has them.</param>
    /// <param name="decode">Decodes them all, handing the bytes of each to what it is given, and says which it could not read.</param>
    /// <param name="cancellation">Ends the wait for another process that makes the same file.</param>
    /// <returns>The file, to be released.</returns>
    /// <exception cref="DatasetException">The disk is full, or the folder cannot be written to.</exception>
    public PixelFile Open(
        string name, IReadOnlyList<CatalogItem> items, int side, Framing? framing, long maxPixels, bool isFresh, Func<Action<int, ReadOnlyMemory<byte>>, IReadOnlyList<UnreadableRow>> decode,
        CancellationToken cancellation)
    {
        string fingerprint = Fingerprint(items, side, framing, maxPixels);
        long bytes = 3L * side * side * items.Count;
        try
        {
            if (isKept) Directory.CreateDirectory(folder);
            if (!isKept || isFresh) return MakeNameless();
            string path = Path.Combine(folder, FileName(name, items[0], side));
            while (true)
            {
                if (PixelFile.Find(path, fingerprint) is { } there) return there;
                using FileStream? claim = Claim(path);
                if (claim is not null) return PixelFile.Find(path, fingerprint) ?? MakeAt(path);
                // Another process makes it, such as a rank on the same machine.
                if (cancellation.WaitHandle.WaitOne(BetweenTwoLooks)) cancellation.ThrowIfCancellationRequested();
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(
                $"The decoded images of '{name}' cannot be kept in '{folder}': {exception.Message.TrimEnd('.')}. They take {(bytes / 1e6).ToString("N1", CultureInfo.InvariantCulture)} MB. "
                + "Make room there, name a folder on another disk (CacheFolder), allow more of them in memory (MemoryLimit), or decode fewer or smaller images (MaxTrain, MaxTest, ImageSize).",
                exception);
        }

        PixelFile MakeNameless()
        {
            string path = Path.Combine(folder, $"cobra-{Guid.NewGuid():N}{Extension}");
            return Fill(Create(path, FileMode.CreateNew), () => File.Delete(path), () => { });
        }

        // What a killed process left of an earlier attempt is written over.
        PixelFile MakeAt(string path) => Fill(Create(path + ".partial", FileMode.Create), () => { }, () => File.Move(path + ".partial", path, overwrite: true));

        PixelFile Fill(FileStream stream, Action begun, Action finished)
        {
            try
            {
                begun();
                long row = 3L * side * side;
                PixelFileContent content = new(fingerprint, items.Count, side, decode((i, pixels) => Write(stream.SafeFileHandle, pixels.Span, i * row)));
                PixelFile.Complete(stream, content, Write);
                finished();
                return PixelFile.Map(stream, content);
            }
            catch
            {
                string path = stream.Name;
                stream.Dispose();
                File.Delete(path);
                throw;
            }
        }

        // The room is asked for at once: what does not fit is said before hours of decoding.
        FileStream Create(string path, FileMode mode) => new(path, new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
            PreallocationSize = bytes,
        });
    }

    // .NET calls it an argument out of range when the file would outgrow what the file system, or a limit on this process, allows.
    private static void WriteToDisk(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(file, bytes, offset);
        }
        catch (ArgumentOutOfRangeException tooLarge)
        {
            throw new IOException("The file would be larger than its file system, or a limit on this process, allows.", tooLarge);
        }
    }

    /// <summary>The right to make a file; <see langword="null"/> while another process has it. A process that dies gives it back.</summary>
    private static FileStream? Claim(string path)
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (IsHeldByAnother(exception))
        {
            return null;
        }
    }

    /// <summary>EWOULDBLOCK, as .NET passes it on from the lock of a file.</summary>
    private static bool IsHeldByAnother(IOException exception) => exception.HResult == 11;

    /// <summary>One file for each set and size: its name, and a mark of where its first image lies, because sets of one name lie in many places.</summary>
    private static string FileName(string name, CatalogItem first, int side)
    {
        string place = Path.GetDirectoryName(Path.GetFullPath(first.File ?? first.Source)) ?? "";
        string mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(place)))[..8];
        return $"{string.Concat(name.Take(MostLetters).Select(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' ? letter : '-'))}-{side}-{mark}{Extension}";
    }

    /// <summary>SHA-256 over what the pixels depend on.</summary>
    private static string Fingerprint(IReadOnlyList<CatalogItem> items, int side, Framing? framing, long maxPixels)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{ModelManifest.CurrentLibraryVersion}\n3 × {side} × {side}, {(framing is null ? "stretched" : CobraJson.ToNode(framing)!.ToJsonString())}\n{maxPixels}\n"));
        Span<byte> numbers = stackalloc byte[16];
        ImageReader reader = new() { MaxPixels = maxPixels };
        foreach (CatalogItem item in items)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(item.File is null ? item.Source : Path.GetFullPath(item.Source)));
            if (item.File is null)
            {
                // It came decoded: what is written is what it is.
                hash.AppendData(item.Read(reader).Pixels.Span);
                continue;
            }

            FileInfo file = new(item.File);
            BinaryPrimitives.WriteInt64LittleEndian(numbers, file.Exists ? file.Length : -1);
            BinaryPrimitives.WriteInt64LittleEndian(numbers[8..], file.LastWriteTimeUtc.Ticks);
            hash.AppendData(numbers);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
