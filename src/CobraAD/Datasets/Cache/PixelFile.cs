using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using CobraAD.Serialization;
using CobraAD.Torch;
using CobraAD.Torch.Files;
using static TorchSharp.torch;

namespace CobraAD.Datasets.Cache;

/// <summary>
/// Decoded images in a file, mapped into memory: rows of uint8 [3, side, side] one after the other, then <see cref="PixelFileContent"/> as JSON, its
/// length and eight letters. What is not complete does not end in them. Several sets may share one file; it is closed with the last of them.
/// </summary>
internal sealed class PixelFile
{
    /// <summary>
    /// Bytes of the file that count as this process's before all of them are forgotten: a set of any size takes no more. The system's own copy, which
    /// other programs can take from it, is not touched by that.
    /// </summary>
    internal const long MostResident = 256L << 20;

    /// <summary>What touching a row maps at least, since the system maps the pages around it that it has.</summary>
    private const long LeastMapped = 64L << 10;

    private const int EndBytes = 16;

    private static readonly byte[] Magic = "CobraPx1"u8.ToArray();

    private readonly MappedFile map;
    private int users = 1;
    private long touched;

    private PixelFile(MappedFile map, PixelFileContent content)
    {
        this.map = map;
        Content = content;
        Rows = map.At(0, [content.Images, 3, content.Side, content.Side], ScalarType.Byte).DetachFromDisposeScope();
    }

    /// <summary>What it holds.</summary>
    public PixelFileContent Content { get; }

    /// <summary>uint8 [N, 3, side, side], read-only; owned by this file. Whoever reads from it says so (<see cref="Touch"/>).</summary>
    public Tensor Rows { get; }

    /// <summary>Opens a file that holds certain images.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fingerprint">Of the images that are wanted.</param>
    /// <returns>The file, to be released; <see langword="null"/> where there is none, or one of other images, of another version or damaged.</returns>
    public static PixelFile? Find(string path, string fingerprint)
    {
        if (!File.Exists(path)) return null;
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            if (ContentOf(stream) is { } content && content.Fingerprint == fingerprint) return Map(stream, content);
            stream.Dispose();
            return null;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Ends a file whose rows are written.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="content">What it holds.</param>
    /// <param name="write">How bytes get into it.</param>
    public static void Complete(FileStream stream, PixelFileContent content, PixelWriter write)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(content, CobraJson.Options), end = new byte[EndBytes];
        BinaryPrimitives.WriteInt64LittleEndian(end, json.Length);
        Magic.CopyTo(end, sizeof(long));
        write(stream.SafeFileHandle, json, content.PixelBytes);
        write(stream.SafeFileHandle, end, content.PixelBytes + json.Length);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Maps a complete file. It may be renamed or deleted at once.</summary>
    /// <param name="stream">The file; taken over.</param>
    /// <param name="content">What it holds; at least one image.</param>
    public static PixelFile Map(FileStream stream, PixelFileContent content)
    {
        MappedFile map = new(stream, 0, content.PixelBytes);
        return Handover.OrDispose(map, () => new PixelFile(map, content));
    }

    /// <summary>Says that another set needs the file.</summary>
    public PixelFile Share()
    {
        Interlocked.Increment(ref users);
        return this;
    }

    /// <summary>Says that a set needs it no longer.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref users) > 0) return;
        Rows.Dispose();
        map.Dispose();
    }

    /// <summary>Lets the system begin to read a row.</summary>
    public void Fetch(long row) => map.Fetch(row * Content.RowBytes, Content.RowBytes);

    /// <summary>Counts rows that are about to be read, and forgets all others when they have become many.</summary>
    public void Touch(int rows)
    {
        if (Interlocked.Add(ref touched, rows * (Content.RowBytes + LeastMapped)) < MostResident) return;
        Interlocked.Exchange(ref touched, 0);
        map.Forget();
    }

    private static PixelFileContent? ContentOf(FileStream stream)
    {
        byte[] end = new byte[EndBytes];
        if (stream.Length < EndBytes) return null;
        RandomAccess.Read(stream.SafeFileHandle, end, stream.Length - EndBytes);
        long length = BinaryPrimitives.ReadInt64LittleEndian(end), start = stream.Length - EndBytes - length;
        if (!end.AsSpan(sizeof(long)).SequenceEqual(Magic) || length < 2 || start < 0) return null;
        byte[] json = new byte[length];
        RandomAccess.Read(stream.SafeFileHandle, json, start);
        try
        {
            PixelFileContent? content = JsonSerializer.Deserialize<PixelFileContent>(Encoding.UTF8.GetString(json), CobraJson.Options);
            return content is { Images: > 0 } && content.PixelBytes == start ? content : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
