using System.Buffers.Binary;
using System.IO.Compression;
using CobraAD.Tests.Imaging;

namespace CobraAD.Tests.Datasets;

/// <summary>Small data sets that a test writes into a folder of its own.</summary>
internal static class WrittenDatasets
{
    /// <summary>Plain pictures named 000.png, 001.png, …; picture i has the grey value first + i.</summary>
    public static TemporaryFolder Pictures(this TemporaryFolder folder, string relative, int count, int first = 0, int side = 12)
    {
        for (int i = 0; i < count; i++) folder.File($"{relative}/{i:000}.png", Picture.Plain((byte)(first + i), side, side));
        return folder;
    }

    /// <summary>Image i is 4 × 4 pixels of value i and has the given label.</summary>
    public static TemporaryFolder Idx(this TemporaryFolder folder, string prefix, byte[] labels, bool zipped = false, int? claimedImages = null, int missingBytes = 0, int magic = 0x0803)
    {
        byte[] images = [.. BigEndian(magic, claimedImages ?? labels.Length, 4, 4), .. labels.SelectMany((_, i) => Enumerable.Repeat((byte)i, 16))];
        Write($"{prefix}-images-idx3-ubyte", images[..^missingBytes]);
        Write($"{prefix}-labels-idx1-ubyte", [.. BigEndian(0x0801, labels.Length), .. labels]);
        return folder;

        void Write(string name, byte[] content) => folder.File(zipped ? name + ".gz" : name, zipped ? Zip(content) : content);
    }

    /// <summary>Records of a CIFAR file; image i is of value i.</summary>
    public static TemporaryFolder Cifar(this TemporaryFolder folder, string name, params byte[][] labels)
    {
        folder.File(name, [.. labels.SelectMany((label, i) => label.Concat(Enumerable.Repeat((byte)i, 3072)))]);
        return folder;
    }

    private static byte[] BigEndian(params int[] values)
    {
        byte[] bytes = new byte[4 * values.Length];
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 * i), values[i]);
        return bytes;
    }

    private static byte[] Zip(byte[] content)
    {
        using MemoryStream stream = new();
        using (GZipStream gzip = new(stream, CompressionLevel.Optimal)) gzip.Write(content);
        return stream.ToArray();
    }
}
