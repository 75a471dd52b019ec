using System.Runtime.InteropServices;
using CobraAD.Export;
using CobraAD.Imaging;
using CobraAD.Runtime.Images;
using Microsoft.ML.OnnxRuntime;

namespace CobraAD.Runtime.Lanes;

/// <summary>
/// Everything that one call needs from encoded bytes to scores: buffers that stay, and the model's inputs and outputs bound to them.
/// A lane serves one thread at a time; after its first images it allocates nothing of the image's size.
/// </summary>
internal sealed class ScoringLane(InferenceSession session, ModelInfo model, RobustDetectorOptions options) : IDisposable
{
    /// <summary>Buffers above this are given back after a call.</summary>
    private const int LargestKept = 128 << 20;

    private static readonly bool[] On = [true];

    private readonly RunOptions run = new();
    private readonly PixelBuffers pixels = new();
    private readonly PixelBuffers cut = new();
    private readonly PlaneResampler resampler = new();
    private readonly byte[] planes = new byte[3 * model.InputHeight * model.InputWidth];
    private readonly Dictionary<int, LaneBinding> bindings = [];
    private byte[] encoded = [];
    private byte[] images = [];
    private Placement[] placements = [];

    /// <summary>Bytes of one image at the model's size.</summary>
    public int ImageBytes => planes.Length;

    /// <summary>Raw score of each image of the last run.</summary>
    public double[] Scores { get; private set; } = [];

    public double[] Calibrated { get; private set; } = [];

    public bool[] Anomalous { get; private set; } = [];

    public long[] Nearest { get; private set; } = [];

    /// <summary>Width of each image as given.</summary>
    public int[] Widths { get; private set; } = [];

    /// <summary>Height of each image as given.</summary>
    public int[] Heights { get; private set; } = [];

    /// <summary>Makes room for a number of images in one run.</summary>
    public void Reserve(int count)
    {
        if (Scores.Length >= count) return;
        DisposeBindings();
        images = GC.AllocateUninitializedArray<byte>(checked(count * ImageBytes));
        (Scores, Calibrated, Anomalous, Nearest) = (new double[count], new double[count], new bool[count], new long[count]);
        (Widths, Heights, placements) = (new int[count], new int[count], new Placement[count]);
    }

    /// <summary>One image of the next run: [height, width, 3] at the model's size.</summary>
    public Span<byte> Image(int slot) => images.AsSpan(slot * ImageBytes, ImageBytes);

    /// <summary>Reads a file into a slot.</summary>
    public void Read(string path, int slot)
    {
        int length;
        try
        {
            if (RegularFile.LengthOf(path) == 0) throw new ImageRejectedException(ImageDefect.Empty, path, RegularFile.Nothing);
            using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path, options: FileOptions.SequentialScan);
            length = 0;
            while (true)
            {
                Grow(length, path);
                int read = RandomAccess.Read(file, encoded.AsSpan(length), length);
                if (read == 0) break;
                length += read;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ImageRejectedException(ImageDefect.Unreadable, path, e.Message, e);
        }

        Read(encoded.AsSpan(0, length), path, slot);
    }

    /// <summary>Reads a stream to its end into a slot.</summary>
    public void Read(Stream stream, string? source, int slot)
    {
        int length = 0;
        while (true)
        {
            Grow(length, source);
            int read = stream.Read(encoded, length, encoded.Length - length);
            if (read == 0) break;
            length += read;
        }

        Read(encoded.AsSpan(0, length), source, slot);
    }

    /// <summary>Decodes an image file's content into a slot.</summary>
    public void Read(ReadOnlySpan<byte> content, string? source, int slot)
    {
        if (content.Length > options.MaxEncodedBytes) throw TooLong(source);
        try
        {
            ImageDecoder.Decode(content, options.MaxPixels, pixels);
        }
        catch (DecodeException e)
        {
            ImageDefect defect = e.Failure switch
            {
                DecodeFailure.Empty => ImageDefect.Empty,
                DecodeFailure.Unsupported => ImageDefect.Unsupported,
                DecodeFailure.TooLarge => ImageDefect.TooLarge,
                _ => ImageDefect.Damaged,
            };
            throw new ImageRejectedException(defect, source, e.Message, e.InnerException);
        }

        Place(slot, source, model.Placement);
    }

    /// <summary>Takes an uncompressed image into a slot.</summary>
    public void Read(ReadOnlySpan<byte> raw, PixelLayout layout, string? source, int slot)
    {
        layout.Validate(raw.Length);
        if ((long)layout.Width * layout.Height > options.MaxPixels)
            throw new ImageRejectedException(ImageDefect.TooLarge, source, $"{layout.Width} × {layout.Height} pixels are more than the limit of {options.MaxPixels}.");
        Upright(raw, layout);
        Place(slot, source, layout.IsFramed ? Placement.Plain : model.Placement);
    }

    /// <summary>Scores the images in the first slots.</summary>
    public void Run(int count)
    {
        if (!bindings.TryGetValue(count, out LaneBinding? binding)) bindings.Add(count, binding = Bind(count));
        session.RunWithBinding(run, binding.Io);
    }

    /// <summary>Whether the model says itself how anomalous each place is.</summary>
    public bool HasMap => session.OutputMetadata.ContainsKey(OnnxMetadata.Map);

    /// <summary>Whether the model gives the score's gradient.</summary>
    public bool HasGradient => session.OutputMetadata.ContainsKey(OnnxMetadata.Gradient);

    /// <summary>Scores the image in the first slot and finds the score's gradient to it: [3, height, width].</summary>
    public float[] Gradient() => Explain(OnnxMetadata.Gradient, new float[ImageBytes], [1, 3, model.InputHeight, model.InputWidth]);

    /// <summary>Scores the image in the first slot and asks the model where it is anomalous: [height, width].</summary>
    public float[] Map() => Explain(OnnxMetadata.Map, new float[ImageBytes / 3], [1, model.InputHeight, model.InputWidth]);

    /// <summary>Brings a map of an image at the model's size back onto the image as it was given.</summary>
    public (float[] Values, int Width, int Height) Back(int slot, float[] map, float outside) =>
        placements[slot].Back(map, model.InputWidth, model.InputHeight, Widths[slot], Heights[slot], outside);

    /// <summary>Lets go of what an unusually large image needed.</summary>
    public void Trim()
    {
        if (encoded.Length > LargestKept) encoded = [];
        pixels.Trim(LargestKept);
        cut.Trim(LargestKept);
    }

    public void Dispose()
    {
        DisposeBindings();
        run.Dispose();
    }

    private float[] Explain(string output, float[] values, long[] shape)
    {
        using LaneBinding binding = Bind(1);
        binding.Bind(OnnxMetadata.Explain, On.AsMemory(), [], output: false);
        binding.Bind(output, values.AsMemory(), shape, output: true);
        session.RunWithBinding(run, binding.Io);
        return values;
    }

    private LaneBinding Bind(int count)
    {
        LaneBinding binding = new(session, options.Threshold);
        binding.Bind(OnnxMetadata.Image, images.AsMemory(0, count * ImageBytes), [count, model.InputHeight, model.InputWidth, 3], output: false);
        binding.Bind(OnnxMetadata.Score, Scores.AsMemory(0, count), [count], output: true);
        binding.Bind(OnnxMetadata.Calibrated, Calibrated.AsMemory(0, count), [count], output: true);
        binding.Bind(OnnxMetadata.IsAnomalous, Anomalous.AsMemory(0, count), [count], output: true);
        binding.Bind(OnnxMetadata.NearestIndex, Nearest.AsMemory(0, count), [count], output: true);
        return binding;
    }

    private void DisposeBindings()
    {
        foreach (LaneBinding binding in bindings.Values) binding.Dispose();
        bindings.Clear();
    }

    private void Upright(ReadOnlySpan<byte> raw, PixelLayout layout)
    {
        if (layout.Format == PixelFormat.Grey16)
        {
            StoredPixels samples = new(layout.Width, layout.Height, 1, layout.RowStride / sizeof(ushort), 0, 0, 0);
            StoredOrientation.ToUpright(MemoryMarshal.Cast<byte, ushort>(raw), samples, 1, pixels);
            return;
        }

        (int red, int green, int blue) = layout.Format switch
        {
            PixelFormat.Grey => (0, 0, 0),
            PixelFormat.Rgb or PixelFormat.Rgba => (0, 1, 2),
            _ => (2, 1, 0),
        };
        StoredOrientation.ToUpright(raw, new StoredPixels(layout.Width, layout.Height, layout.BytesPerPixel, layout.RowStride, red, green, blue), 1, pixels);
    }

    /// <summary>Makes the model's input of the decoded image and lays its channels side by side.</summary>
    private void Place(int slot, string? source, Placement placement)
    {
        (Widths[slot], Heights[slot], placements[slot]) = (pixels.Width, pixels.Height, placement);
        try
        {
            pixels.PlaceInto(planes, model.InputWidth, model.InputHeight, placement, resampler, cut);
        }
        catch (DecodeException e)
        {
            throw new ImageRejectedException(ImageDefect.Misplaced, source, e.Message, e);
        }

        int area = planes.Length / 3;
        ReadOnlySpan<byte> red = planes.AsSpan(0, area);
        ReadOnlySpan<byte> green = planes.AsSpan(area, area);
        ReadOnlySpan<byte> blue = planes.AsSpan(2 * area, area);
        Span<byte> image = Image(slot);
        for (int i = 0, to = 0; i < area; i++, to += 3)
        {
            image[to] = red[i];
            image[to + 1] = green[i];
            image[to + 2] = blue[i];
        }
    }

    private void Grow(int length, string? source)
    {
        if (length > options.MaxEncodedBytes) throw TooLong(source);
        if (length < encoded.Length) return;
        Array.Resize(ref encoded, (int)Math.Clamp(2L * length, 64 << 10, options.MaxEncodedBytes + 1L));
    }

    private ImageRejectedException TooLong(string? source) =>
        new(ImageDefect.TooLarge, source, $"it has more than the limit of {options.MaxEncodedBytes} bytes.");
}
