using System.Security.Cryptography;
using System.Text;

namespace CobraAD.Export;

/// <summary>
/// The last entry of an exported model's metadata: the SHA-256 of everything before it. A flipped bit in a weight is a valid model with other
/// scores, and only this can tell. Files of version 0.1.0 may have none. It protects from accidents, not from people.
/// </summary>
internal static class OnnxSeal
{
    private const string Name = "cobra.sha256";
    private const int HexLength = 64;

    /// <summary>Field 14 of the model (metadata), its entry's key, and the head of its value: what comes before the hash.</summary>
    private static readonly byte[] Head =
        [(14 << 3) | 2, (byte)(2 + Name.Length + 2 + HexLength), (1 << 3) | 2, (byte)Name.Length, .. Encoding.ASCII.GetBytes(Name), (2 << 3) | 2, HexLength];

    /// <summary>Appends the entry; protocol buffers allow a repeated field to go on anywhere.</summary>
    /// <param name="stream">The complete model, readable and seekable.</param>
    /// <param name="start">Where it begins.</param>
    public static void Append(Stream stream, long start)
    {
        stream.Position = start;
        byte[] hash = SHA256.HashData(stream);
        stream.Write(Head);
        stream.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash)));
    }

    /// <summary>Whether a file has such an entry and something before it is not as it was written.</summary>
    /// <param name="file">The file's content.</param>
    public static bool IsBroken(ReadOnlySpan<byte> file) =>
        IsThere(file) && Encoding.ASCII.GetString(file[^HexLength..]) != Convert.ToHexStringLower(SHA256.HashData(file[..^(Head.Length + HexLength)]));

    /// <summary>Whether a file has such an entry.</summary>
    /// <param name="file">The file's content.</param>
    public static bool IsThere(ReadOnlySpan<byte> file)
    {
        int length = Head.Length + HexLength;
        return file.Length >= length && file[^length..^HexLength].SequenceEqual(Head);
    }
}
