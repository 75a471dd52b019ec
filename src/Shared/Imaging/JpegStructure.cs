using System.Buffers.Binary;

namespace CobraAD.Imaging;

/// <summary>
/// Whether a JPEG file has everything that its picture consists of. A decoder is content with the first coarse scans of a progressive file and
/// fills in the rest, so its success does not tell that the file was copied to its end. ITU-T T.81, annexes B and G.
/// </summary>
internal static class JpegStructure
{
    private const int Coefficients = 64;
    private const int Unseen = -1;

    private const byte Prefix = 0xff;
    private const byte StartOfImage = 0xd8;
    private const byte EndOfImage = 0xd9;
    private const byte StartOfScan = 0xda;

    /// <summary>Checks that the file ends where a JPEG ends, and that its scans bring every coefficient down to its last bit.</summary>
    /// <exception cref="DecodeException">Something is missing.</exception>
    public static void RequireComplete(ReadOnlySpan<byte> file)
    {
        // By component: the lowest bit that each coefficient is known to.
        Dictionary<byte, int[]> known = [];
        bool isProgressive = false;
        int at = 0;
        while (NextMarker(file, ref at) is { } marker)
        {
            if (marker == EndOfImage)
            {
                if (known.Count == 0 || known.Values.Any(component => component.Any(bit => bit != 0))) throw Cut("parts of the picture are missing");
                return;
            }

            if (marker is StartOfImage or 0x01 or >= 0xd0 and <= 0xd7) continue;
            if (at + 2 > file.Length) break;
            int length = BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
            if (length < 2 || at + length > file.Length) break;
            ReadOnlySpan<byte> segment = file.Slice(at + 2, length - 2);
            at += length;
            if (IsFrame(marker))
            {
                isProgressive = marker is 0xc2 or 0xc6 or 0xca or 0xce;
                ReadFrame(segment, known);
            }
            else if (marker == StartOfScan)
            {
                ReadScan(segment, isProgressive, known);
            }
        }

        throw Cut("it has no end");
    }

    /// <summary>The next marker, past whatever stands before it: a scan's data, in which FF is followed by 00, or bytes that belong to nothing.</summary>
    private static byte? NextMarker(ReadOnlySpan<byte> file, ref int at)
    {
        while (at < file.Length)
        {
            int prefix = file[at..].IndexOf(Prefix);
            if (prefix < 0) return null;
            at += prefix + 1;
            while (at < file.Length && file[at] == Prefix) at++;
            if (at >= file.Length) return null;
            byte marker = file[at++];
            if (marker != 0) return marker;
        }

        return null;
    }

    /// <summary>SOF0 to SOF15; C4, C8 and CC among them stand for tables and extensions.</summary>
    private static bool IsFrame(byte marker) => marker is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc);

    /// <summary>Precision, height, width, number of components; for each its name, sampling and table.</summary>
    private static void ReadFrame(ReadOnlySpan<byte> segment, Dictionary<byte, int[]> known)
    {
        if (segment.Length < 6 || segment.Length < 6 + 3 * segment[5]) throw Cut("its frame header is damaged");
        for (int i = 0; i < segment[5]; i++)
        {
            int[] bits = new int[Coefficients];
            Array.Fill(bits, Unseen);
            known[segment[6 + 3 * i]] = bits;
        }
    }

    /// <summary>Number of components, for each its name and tables; first and last coefficient; the bits before and after this scan.</summary>
    private static void ReadScan(ReadOnlySpan<byte> segment, bool isProgressive, Dictionary<byte, int[]> known)
    {
        if (segment.Length < 1 || segment.Length < 4 + 2 * segment[0]) throw Cut("its scan header is damaged");
        ReadOnlySpan<byte> range = segment[(1 + 2 * segment[0])..];
        (int first, int last, int lowest) = isProgressive ? (range[0], range[1], range[2] & 15) : (0, Coefficients - 1, 0);
        if (last >= Coefficients || first > last) throw Cut("its scan header is damaged");
        for (int i = 0; i < segment[0]; i++)
        {
            if (known.TryGetValue(segment[1 + 2 * i], out int[]? bits)) Array.Fill(bits, lowest, first, last - first + 1);
        }
    }

    private static DecodeException Cut(string what) => new(DecodeFailure.Damaged, $"the file is cut short: {what}.");
}
