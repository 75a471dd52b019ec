using System.Buffers.Binary;
using System.Globalization;
using BitMiracle.LibTiff.Classic;
using CobraAD.Datasets;
using CobraAD.Datasets.Formats;
using CobraAD.Imaging;
using CobraAD.Networks.Backbones;
using CobraAD.Runtime;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Tests.Compatibility;
using CobraAD.Tests.Imaging;
using SkiaSharp;

namespace CobraAD.Tests;

/// <summary>
/// Every format that is read, damaged at random: it is read or refused in a sentence, soon, and nothing else happens.
/// <c>tests/torture/run.sh</c> runs this with ten thousand files of each and makes a table of what it writes.
/// </summary>
public sealed class MutatedFilesTests : IDisposable
{
    private static readonly int Count = int.Parse(Environment.GetEnvironmentVariable("COBRA_TORTURE_COUNT") ?? "100", CultureInfo.InvariantCulture);
    private static readonly string? Table = Environment.GetEnvironmentVariable("COBRA_TORTURE_TABLE");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly Lock Exclusive = new();

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Formats => ["png", "jpeg", "webp", "bmp", "tiff", "cobra", "manifest", "onnx", "weights.onnx", "safetensors", "checkpoint", "idx", "idx.gz", "mat"];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_damaged_file_is_read_or_refused_in_a_sentence(string format)
    {
        byte[] sound = SoundFile(format);
        Random random = new(format.Length * 1000 + format[0]);
        int crashed = 0, hung = 0;
        string note = "";
        for (int i = 0; i < Count && hung == 0; i++)
        {
            byte[] damaged = Damage(sound, random);
            Task<Exception?> reading = Task.Run<Exception?>(() => Record.Exception(() => Read(format, damaged)));
            if (await Task.WhenAny(reading, Task.Delay(Patience)) != reading)
            {
                hung++;
                note = $"file {i} takes more than {Patience.TotalSeconds} s";
            }
            else if (await reading is { } exception and not (ImageReadException or ModelFormatException or ModelRejectedException or DatasetException))
            {
                crashed++;
                note = $"file {i}: {exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")} {exception.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("CobraAD", StringComparison.Ordinal))?.Trim()}";
            }
        }

        if (Table is not null)
        {
            lock (Exclusive) File.AppendAllText(Table, $"{format}\t{Count}\t{crashed}\t{hung}\t{note}\n");
        }

        Assert.True(crashed + hung == 0, note);
    }

    private static byte[] SoundFile(string format)
    {
        switch (format)
        {
            case "png": return Picture.Encode(SKEncodedImageFormat.Png, 24, 16);
            case "jpeg": return Picture.Encode(SKEncodedImageFormat.Jpeg, 24, 16);
            case "webp": return Picture.Encode(SKEncodedImageFormat.Webp, 24, 16);
            case "bmp": return Picture.EncodeBmp(24, 16, 100);
            case "tiff": return Picture.EncodeTiff(24, 16, 8, 3, Photometric.RGB, (x, y, sample) => x + y + sample);
            case "cobra" or "manifest": return File.ReadAllBytes(OldFiles.Path("cobra-tiny.cobra"));
            case "onnx": return File.ReadAllBytes(OldFiles.Path("cobra-paper.onnx"));
            case "weights.onnx": return File.ReadAllBytes(OldFiles.Path("cobra-paper.onnx"));
            case "safetensors": return File.ReadAllBytes(OldFiles.Path("backbone.safetensors"));
            case "checkpoint": return File.ReadAllBytes(OldFiles.Path("unfinished.checkpoint"));
            case "idx": return Idx();
            case "idx.gz": return Zip(Idx());
            default: return Mat();
        }
    }

    private void Read(string format, byte[] content)
    {
        string path = folder.File("damaged." + format);
        switch (format)
        {
            case "png" or "jpeg" or "webp" or "bmp" or "tiff":
                new ImageReader { MaxPixels = 1_000_000 }.Read(content, "damaged");
                break;
            case "cobra" or "checkpoint":
                File.WriteAllBytes(path, content);
                ModelArchive.Read(path).Dispose();
                break;
            case "manifest":
                File.WriteAllBytes(path, content);
                ModelArchive.ReadManifest(path);
                break;
            case "onnx":
                File.WriteAllBytes(path, content);
                using (RobustDetector detector = RobustDetector.Load(path, new RobustDetectorOptions { Threads = 1 })) detector.Score(Picture.Plain(80));
                break;
            case "weights.onnx" or "safetensors":
                File.WriteAllBytes(path, content);
                WeightFile.Read(path).Dispose();
                break;
            case "idx" or "idx.gz":
                using (MemoryStream images = new(content))
                using (MemoryStream labels = new([0, 0, 8, 1, 0, 0, 0, 8, 1, 1, 1, 1, 1, 1, 1, 1])) IdxCatalog.ReadPair(images, "images", labels, "labels", CatalogPart.Train, new CatalogLimits(1_000_000, 1L << 30));
                break;
            default:
                File.WriteAllBytes(path, content);
                MatFile.Read(path, "X");
                break;
        }
    }

    /// <summary>A few bits, bytes or numbers changed, a piece cut out, doubled or cut off.</summary>
    private static byte[] Damage(byte[] sound, Random random)
    {
        byte[] damaged = [.. sound];
        // What says how the rest is to be read lies at the beginning or the end.
        int Place(int length) => random.Next(3) switch
        {
            0 => random.Next(Math.Min(length, 200)),
            1 => length - 1 - random.Next(Math.Min(length, 200)),
            _ => random.Next(length),
        };
        for (int changes = 1 << random.Next(4); changes > 0 && damaged.Length > 8; changes--)
        {
            int place = Place(damaged.Length);
            switch (random.Next(6))
            {
                case 0: damaged[place] ^= (byte)(1 << random.Next(8)); break;
                case 1: damaged[place] = (byte)random.Next(256); break;
                case 2 when place + 4 <= damaged.Length:
                    int[] extremes = [0, 1, -1, int.MaxValue, int.MinValue, 65536, 0x7fff];
                    BinaryPrimitives.WriteInt32LittleEndian(damaged.AsSpan(place), extremes[random.Next(extremes.Length)]);
                    break;
                case 3 when changes == 1: damaged = damaged[..(place + 1)]; break;
                case 4:
                    int cut = Math.Min(damaged.Length - place, 1 + random.Next(64));
                    damaged = [.. damaged[..place], .. damaged[(place + cut)..]];
                    break;
                case 5:
                    int piece = Math.Min(damaged.Length - place, 1 + random.Next(64));
                    damaged = [.. damaged[..(place + piece)], .. damaged[place..]];
                    break;
            }
        }

        return damaged;
    }

    private static byte[] Idx()
    {
        byte[] content = new byte[16 + 8 * 6 * 5];
        foreach ((int place, int value) in (ReadOnlySpan<(int, int)>)[(0, 0x0803), (4, 8), (8, 6), (12, 5)]) BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(place), value);
        return content;
    }

    private static byte[] Zip(byte[] content)
    {
        using MemoryStream zipped = new();
        using (System.IO.Compression.GZipStream zip = new(zipped, System.IO.Compression.CompressionLevel.Optimal)) zip.Write(content);
        return zipped.ToArray();
    }

    /// <summary>A MAT-file with the array X of 2 × 2 × 3 bytes.</summary>
    private static byte[] Mat()
    {
        byte[] header = new byte[128];
        (header[124], header[125], header[126], header[127]) = (0, 1, (byte)'I', (byte)'M');
        byte[] array =
        [
            .. Element(6, [9, 0, 0, 0, 0, 0, 0, 0]), .. Element(5, [2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]), .. Element(1, "X"u8.ToArray()), .. Element(2, new byte[12]),
        ];
        return [.. header, .. Element(14, array)];

        static byte[] Element(int type, byte[] data)
        {
            byte[] element = new byte[8 + (data.Length + 7) / 8 * 8];
            BinaryPrimitives.WriteInt32LittleEndian(element, type);
            BinaryPrimitives.WriteInt32LittleEndian(element.AsSpan(4), data.Length);
            data.CopyTo(element, 8);
            return element;
        }
    }
}
