using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;

namespace CobraAD.Imaging;

/// <summary>
/// The first page of a TIFF file. Grey and RGB of 8 or 16 bits, in strips or tiles, are read sample by sample, so that alpha can be
/// dropped without blending; what else LibTiff can turn into RGB itself (palettes, 1 to 4 bits, YCbCr, CMYK) goes through it.
/// </summary>
internal static class TiffDecoder
{
    private const int MaxSamples = 8;

    private static readonly CollectingErrorHandler Complaints = new();

    static TiffDecoder() => Complaints.Others = Tiff.SetErrorHandler(Complaints);

    public static bool Recognizes(ReadOnlySpan<byte> encoded) =>
        encoded.StartsWith("II*\0"u8) || encoded.StartsWith("MM\0*"u8) || encoded.StartsWith("II+\0"u8) || encoded.StartsWith("MM\0+"u8);

    public static unsafe void Decode(ReadOnlySpan<byte> encoded, long maxPixels, PixelBuffers into)
    {
        fixed (byte* start = encoded)
        {
            using Content content = new(start, encoded.Length);
            using Tiff tiff = Tiff.ClientOpen("image", "r", content, new TiffStream())
                ?? throw Damaged("its TIFF header is damaged.", content);
            Decode(tiff, content, maxPixels, into);
        }
    }

    private static void Decode(Tiff tiff, Content content, long maxPixels, PixelBuffers into)
    {
        int width = Field(tiff, TiffTag.IMAGEWIDTH);
        int height = Field(tiff, TiffTag.IMAGELENGTH);
        PixelLimit.Check(width, height, maxPixels);

        int bits = Field(tiff, TiffTag.BITSPERSAMPLE);
        int samples = Field(tiff, TiffTag.SAMPLESPERPIXEL);
        int orientation = Field(tiff, TiffTag.ORIENTATION);
        SampleFormat format = (SampleFormat)Field(tiff, TiffTag.SAMPLEFORMAT);
        Photometric photometric = (Photometric)Field(tiff, TiffTag.PHOTOMETRIC);
        if (format is SampleFormat.IEEEFP or SampleFormat.COMPLEXIEEEFP or SampleFormat.COMPLEXINT or SampleFormat.INT || bits > 16)
            throw new DecodeException(DecodeFailure.Unsupported, $"TIFF with {bits}-bit {format} samples is not supported; convert it to 8 or 16 bit unsigned.");
        if (samples > MaxSamples) throw new DecodeException(DecodeFailure.Unsupported, $"TIFF with {samples} samples in a pixel is not supported; at most {MaxSamples} are.");

        bool grey = photometric is Photometric.MINISBLACK or Photometric.MINISWHITE;
        if (bits is not (8 or 16) || !(grey || (photometric == Photometric.RGB && samples >= 3)))
        {
            byte[] converted = ReadConverted(tiff, content, width, height);
            RequireNoComplaint(content);
            StoredOrientation.ToUpright(converted, StoredPixels.Dense(width, height, 4), orientation, into);
            return;
        }

        byte[] pixels = ReadSamples(tiff, content, width, height, bits, samples, photometric, maxPixels);
        RequireNoComplaint(content);
        StoredPixels layout = StoredPixels.Dense(width, height, 3);
        if (bits == 16) StoredOrientation.ToUpright(MemoryMarshal.Cast<byte, ushort>(pixels), layout, orientation, into);
        else StoredOrientation.ToUpright(pixels, layout, orientation, into);
    }

    /// <summary>Interleaved RGB as stored, three samples a pixel, those of 16 bits in the machine's byte order.</summary>
    private static byte[] ReadSamples(
        Tiff tiff, Content content, int width, int height, int bits, int samples, Photometric photometric, long maxPixels)
    {
        bool separate = (PlanarConfig)Field(tiff, TiffTag.PLANARCONFIG) == PlanarConfig.SEPARATE;
        bool tiled = tiff.IsTiled();
        int blockWidth = tiled ? Field(tiff, TiffTag.TILEWIDTH) : width;
        int blockHeight = tiled ? Field(tiff, TiffTag.TILELENGTH) : 1;
        PixelLimit.Check(blockWidth, blockHeight, maxPixels);

        int colors = photometric == Photometric.RGB ? 3 : 1;
        int samplesInBlock = separate ? 1 : samples;
        int bytes = bits / 8;
        byte[] block = new byte[checked(blockWidth * blockHeight * samplesInBlock * bytes)];
        byte[] pixels = new byte[checked(3 * width * height * bytes)];
        for (int plane = 0; plane < (separate ? colors : 1); plane++)
        {
            for (int top = 0; top < height; top += blockHeight)
            {
                for (int left = 0; left < width; left += blockWidth)
                {
                    bool read = tiled
                        ? tiff.ReadTile(block, 0, left, top, 0, (short)plane) >= 0
                        : tiff.ReadScanline(block, top, (short)plane);
                    if (!read) throw Damaged("its data is damaged or cut short.", content);
                    CopyBlock(left, top, plane);
                }
            }
        }

        // White is the largest value of any depth, so that turning over every bit turns grey over.
        if (photometric == Photometric.MINISWHITE)
            for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)~pixels[i];
        return pixels;

        void CopyBlock(int left, int top, int plane)
        {
            int rows = Math.Min(blockHeight, height - top);
            int columns = Math.Min(blockWidth, width - left);
            for (int y = 0; y < rows; y++)
            {
                for (int x = 0; x < columns; x++)
                {
                    ReadOnlySpan<byte> from = block.AsSpan((y * blockWidth + x) * samplesInBlock * bytes);
                    Span<byte> pixel = pixels.AsSpan(3 * bytes * ((top + y) * width + left + x), 3 * bytes);
                    if (separate && colors == 3) from[..bytes].CopyTo(pixel[(plane * bytes)..]);
                    else if (colors == 3) from[..(3 * bytes)].CopyTo(pixel);
                    else for (int color = 0; color < 3; color++) from[..bytes].CopyTo(pixel[(color * bytes)..]);
                }
            }
        }
    }

    /// <summary>Interleaved RGBA, four bytes a pixel, as stored.</summary>
    private static byte[] ReadConverted(Tiff tiff, Content content, int width, int height)
    {
        if (!tiff.RGBAImageOK(out string problem)) throw new DecodeException(DecodeFailure.Unsupported, $"this kind of TIFF is not supported: {problem}");
        // Asked for the orientation that the file claims, LibTiff leaves the rows where they are.
        int[] raster = new int[checked(width * height)];
        tiff.SetField(TiffTag.ORIENTATION, Orientation.TOPLEFT);
        if (!tiff.ReadRGBAImageOriented(width, height, raster, Orientation.TOPLEFT, stopOnError: true))
            throw Damaged("its data is damaged or cut short.", content);
        // Red is the lowest byte of each value, hence the first in memory.
        return MemoryMarshal.AsBytes(raster).ToArray();
    }

    /// <summary>LibTiff goes on with a guess where a table that should say it is cut off; pixels that were found by it cannot be trusted.</summary>
    private static void RequireNoComplaint(Content content)
    {
        if (content.Complaint is not null) throw Damaged("its directory is damaged or cut short.", content);
    }

    private static DecodeException Damaged(string what, Content content) => new(DecodeFailure.Damaged, $"{what} {content.Complaint}".TrimEnd());

    private static int Field(Tiff tiff, TiffTag tag) => tiff.GetFieldDefaulted(tag) is { Length: > 0 } values ? values[0].ToInt() : 0;

    /// <summary>The file's bytes, and the first thing LibTiff had to complain about while reading them.</summary>
    private sealed unsafe class Content(byte* encoded, long length) : UnmanagedMemoryStream(encoded, length)
    {
        public string? Complaint { get; set; }
    }

    /// <summary>
    /// LibTiff has one handler for the process, which prints; this one hands each complaint to the file it is about. Files of others, such
    /// as those of this class in another assembly that has its source too, are left to the handler that was there before.
    /// </summary>
    private sealed class CollectingErrorHandler : TiffErrorHandler
    {
        public TiffErrorHandler? Others { get; set; }

        public override void ErrorHandler(Tiff tif, string method, string format, params object[] args)
        {
        }

        public override void ErrorHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
        {
            if (clientData is Content content) content.Complaint ??= string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args);
            else Others?.ErrorHandlerExt(tif, clientData, method, format, args);
        }

        public override void WarningHandler(Tiff tif, string method, string format, params object[] args)
        {
        }

        public override void WarningHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
        {
        }
    }
}
