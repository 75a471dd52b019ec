using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace CobraAD.Imaging;

/// <summary>
/// How a picture becomes the network's input, in this order: the region of interest is cut out, what its mask hides is blanked, colours become grey, a
/// window of the samples is stretched over the whole range, and what is left is fitted into the network's size. Training, scoring, the masks of
/// defects, and the runtime all go through here, told by the same few lines of JSON: so they see the same pixels.
/// </summary>
internal sealed class Placement
{
    /// <summary>
    /// What stands where a picture has nothing to show: mid-grey, in every picture the same, so that no defect at an edge can change it and
    /// it says nothing about a part. Networks subtract about as much.
    /// </summary>
    public const byte Blank = 128;

    /// <summary>The largest sample of 16 bits.</summary>
    public const int White = ushort.MaxValue;

    /// <summary>A map that is brought back onto a picture has at most this side.</summary>
    private const int LargestMap = 2048;

    private Fitting fit;
    private PictureArea? region;
    private SeenPixels? mask;
    private (int Low, int High)? window;
    private bool grey;
    private byte blank = Blank;

    private Placement()
    {
    }

    private enum Fitting
    {
        Stretch,
        Pad,
        Crop,
    }

    /// <summary>The whole picture, stretched to the network's size.</summary>
    public static Placement Plain { get; } = new();

    /// <summary>Whether it only resizes.</summary>
    public bool IsPlain => !Moves && window is null && !grey;

    /// <summary>The same for the mask of a picture's defects: nothing is defective where nothing is shown.</summary>
    public Placement OfMarks => new() { fit = fit, region = region, mask = mask, blank = 0 };

    /// <summary>The whole picture with this depth and these colours, for people to look at.</summary>
    public Placement OfWhole => new() { window = window, grey = grey };

    /// <summary>Whether pixels of the picture and of the network's input lie elsewhere.</summary>
    private bool Moves => fit != Fitting.Stretch || region is not null || mask is not null;

    /// <summary>Reads what a model says.</summary>
    /// <param name="framing">
    /// An object with "fit" ("stretch", "pad" or "crop"), "grey", and optional "region" ("x", "y", "width", "height"), "mask" (a PNG, base64) and "window"
    /// ("low", "high", of 65535); <see langword="null"/> for <see cref="Plain"/>.
    /// </param>
    /// <exception cref="FormatException">It is something else.</exception>
    public static Placement Read(JsonNode? framing)
    {
        if (framing is null) return Plain;
        try
        {
            Placement placement = new()
            {
                fit = (string?)framing["fit"] switch
                {
                    "stretch" => Fitting.Stretch,
                    "pad" => Fitting.Pad,
                    "crop" => Fitting.Crop,
                    var other => throw new FormatException($"pictures are fitted by '{other}'; known are stretch, pad and crop"),
                },
                grey = (bool)Given(framing, "grey"),
                mask = (string?)framing["mask"] is { } encoded ? new SeenPixels(Convert.FromBase64String(encoded)) : null,
            };
            if (framing["region"] is { } area)
            {
                placement.region = new PictureArea((int)Given(area, "x"), (int)Given(area, "y"), (int)Given(area, "width"), (int)Given(area, "height"));
                if (placement.region is not { Left: >= 0, Top: >= 0, Width: >= 1, Height: >= 1 }) throw new FormatException($"the region of interest is {placement.region}");
            }

            if (framing["window"] is { } samples)
            {
                (int low, int high) = ((int)Given(samples, "low"), (int)Given(samples, "high"));
                if (low < 0 || high > White || low >= high) throw new FormatException($"the window of samples goes from {low} to {high}");
                if ((low, high) != (0, White)) placement.window = (low, high);
            }

            return placement;
        }
        catch (InvalidOperationException exception)
        {
            throw new FormatException($"the framing of pictures cannot be read ({exception.Message})", exception);
        }

        static JsonNode Given(JsonNode of, string name) => of[name] ?? throw new FormatException($"the framing of pictures cannot be read ('{name}' is missing)");
    }

    /// <summary>The longer side of what is looked at in a picture.</summary>
    /// <exception cref="DecodeException">The region of interest is not in it.</exception>
    public int LongerSide(int width, int height) => RegionOf(width, height) is var area ? Math.Max(area.Width, area.Height) : 0;

    /// <summary>Makes the network's input of a picture.</summary>
    /// <typeparam name="T">byte or ushort; the largest value is white.</typeparam>
    /// <param name="picture">[3, height, width].</param>
    /// <param name="width">Its width.</param>
    /// <param name="height">Its height.</param>
    /// <param name="destination">Receives [3, inputHeight, inputWidth].</param>
    /// <param name="inputWidth">Width of the input.</param>
    /// <param name="inputHeight">Height of the input.</param>
    /// <param name="resampler">Resizes.</param>
    /// <param name="cut">Keeps what is cut out in between.</param>
    /// <exception cref="DecodeException">The region of interest is not in the picture, or its mask has another size.</exception>
    public void Place<T>(
        ReadOnlySpan<T> picture, int width, int height, Span<byte> destination, int inputWidth, int inputHeight, PlaneResampler resampler, PixelBuffers cut)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (IsPlain)
        {
            resampler.Resize(picture, width, height, destination, inputWidth, inputHeight);
            return;
        }

        (PictureArea seen, PictureArea shown) = Locate(width, height, inputWidth, inputHeight);
        // A window asks for more than bytes can tell apart, whatever the file had.
        if (typeof(T) == typeof(byte) && window is null) Cut(picture, width, height, seen, cut.Shallow(seen.Width, seen.Height));
        else Cut(picture, width, height, seen, cut.Deep(seen.Width, seen.Height));
        if ((shown.Width, shown.Height) == (inputWidth, inputHeight))
        {
            cut.ResizeInto(destination, inputWidth, inputHeight, resampler);
            return;
        }

        byte[] inner = ArrayPool<byte>.Shared.Rent(3 * shown.Width * shown.Height);
        cut.ResizeInto(inner.AsSpan(0, 3 * shown.Width * shown.Height), shown.Width, shown.Height, resampler);
        destination[..(3 * inputWidth * inputHeight)].Fill(blank);
        for (int row = 0; row < 3 * shown.Height; row++)
        {
            (int channel, int y) = Math.DivRem(row, shown.Height);
            inner.AsSpan(row * shown.Width, shown.Width).CopyTo(destination[((channel * inputHeight + shown.Top + y) * inputWidth + shown.Left)..]);
        }

        ArrayPool<byte>.Shared.Return(inner);
    }

    /// <summary>Counts the samples that are looked at by their value of 16 bits.</summary>
    /// <param name="picture">[3, height, width].</param>
    /// <param name="width">Its width.</param>
    /// <param name="height">Its height.</param>
    /// <param name="histogram">65,536 counts, to which those of the picture are added.</param>
    /// <exception cref="DecodeException">The region of interest is not in the picture, or its mask has another size.</exception>
    public void Count<T>(ReadOnlySpan<T> picture, int width, int height, Span<long> histogram)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        PictureArea area = RegionOf(width, height);
        int widening = White / int.CreateTruncating(T.MaxValue);
        for (int y = area.Top; y < area.Top + area.Height; y++)
        {
            for (int pixel = y * width + area.Left, end = pixel + area.Width; pixel < end; pixel++)
            {
                if (mask is not null && !mask[pixel]) continue;
                for (int channel = 0; channel < (grey ? 1 : 3); channel++) histogram[Sample(picture, width * height, channel, pixel) * widening]++;
            }
        }
    }

    /// <summary>Brings a map of the network's input back onto the picture: a map of all of it, about as fine.</summary>
    /// <param name="map">[mapHeight, mapWidth].</param>
    /// <param name="mapWidth">Width of the network's input.</param>
    /// <param name="mapHeight">Its height.</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Its height.</param>
    /// <param name="outside">The value where the network saw nothing.</param>
    public (float[] Values, int Width, int Height) Back(float[] map, int mapWidth, int mapHeight, int width, int height, float outside)
    {
        if (!Moves) return (map, mapWidth, mapHeight);
        (PictureArea seen, PictureArea shown) = Locate(width, height, mapWidth, mapHeight);
        double scale = Math.Min(Math.Max((double)shown.Width / seen.Width, (double)shown.Height / seen.Height), (double)LargestMap / Math.Max(width, height));
        int wholeWidth = Math.Max(1, (int)Math.Round(width * scale)), wholeHeight = Math.Max(1, (int)Math.Round(height * scale));
        float[] whole = new float[wholeWidth * wholeHeight];
        for (int i = 0; i < whole.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, wholeWidth);
            int x = (int)((column + 0.5) * width / wholeWidth), y = (int)((row + 0.5) * height / wholeHeight);
            bool isSeen = x >= seen.Left && x < seen.Left + seen.Width && y >= seen.Top && y < seen.Top + seen.Height && mask?[y * width + x] != false;
            whole[i] = isSeen
                ? map[(shown.Top + (int)((y - seen.Top + 0.5) * shown.Height / seen.Height)) * mapWidth + shown.Left + (int)((x - seen.Left + 0.5) * shown.Width / seen.Width)]
                : outside;
        }

        return (whole, wholeWidth, wholeHeight);
    }

    /// <summary>Which part of a picture the network sees, and where in its input.</summary>
    private (PictureArea Seen, PictureArea Shown) Locate(int width, int height, int inputWidth, int inputHeight)
    {
        PictureArea area = RegionOf(width, height), whole = new(0, 0, inputWidth, inputHeight);
        double across = (double)inputWidth / area.Width, down = (double)inputHeight / area.Height, scale = fit == Fitting.Pad ? Math.Min(across, down) : Math.Max(across, down);
        if (fit == Fitting.Stretch || across == down) return (area, whole);
        if (fit == Fitting.Pad)
        {
            int innerWidth = Math.Clamp((int)Math.Round(area.Width * scale), 1, inputWidth), innerHeight = Math.Clamp((int)Math.Round(area.Height * scale), 1, inputHeight);
            return (area, new PictureArea((inputWidth - innerWidth) / 2, (inputHeight - innerHeight) / 2, innerWidth, innerHeight));
        }

        int partWidth = Math.Clamp((int)Math.Round(inputWidth / scale), 1, area.Width), partHeight = Math.Clamp((int)Math.Round(inputHeight / scale), 1, area.Height);
        return (new PictureArea(area.Left + (area.Width - partWidth) / 2, area.Top + (area.Height - partHeight) / 2, partWidth, partHeight), whole);
    }

    private PictureArea RegionOf(int width, int height)
    {
        if (mask is not null)
        {
            return (mask.Width, mask.Height) == (width, height)
                ? mask.Area
                : throw new DecodeException(
                    DecodeFailure.Misplaced,
                    $"it has {width} × {height} pixels, and the mask of the region of interest {mask.Width} × {mask.Height}: a mask is for pictures of its own size.");
        }

        PictureArea area = region ?? new PictureArea(0, 0, width, height);
        return (long)area.Left + area.Width <= width && (long)area.Top + area.Height <= height
            ? area
            : throw new DecodeException(
                DecodeFailure.Misplaced,
                $"the region of interest, {area.Width} × {area.Height} pixels from {area.Left}, {area.Top} on, is not inside of its {width} × {height} pixels.");
    }

    private void Cut<TSource, TTarget>(ReadOnlySpan<TSource> picture, int width, int height, PictureArea seen, Span<TTarget> cut)
        where TSource : unmanaged, IBinaryInteger<TSource>, IMinMaxValue<TSource>
        where TTarget : unmanaged, IBinaryInteger<TTarget>, IMinMaxValue<TTarget>
    {
        int largest = int.CreateTruncating(TTarget.MaxValue), widening = largest / int.CreateTruncating(TSource.MaxValue);
        bool isCopy = typeof(TSource) == typeof(TTarget) && mask is null && !grey && window is null;
        TTarget hidden = TTarget.CreateTruncating(blank * (largest / byte.MaxValue));
        for (int row = 0; row < 3 * seen.Height; row++)
        {
            (int channel, int y) = Math.DivRem(row, seen.Height);
            int start = (seen.Top + y) * width + seen.Left;
            Span<TTarget> target = cut.Slice(row * seen.Width, seen.Width);
            if (isCopy)
            {
                MemoryMarshal.Cast<TSource, TTarget>(picture.Slice(channel * width * height + start, seen.Width)).CopyTo(target);
                continue;
            }

            for (int x = 0; x < target.Length; x++)
            {
                target[x] = mask is not null && !mask[start + x]
                    ? hidden
                    : TTarget.CreateTruncating(Stretch(Sample(picture, width * height, channel, start + x) * widening));
            }
        }
    }

    /// <summary>A sample as it is, or of all three channels the grey of ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B.</summary>
    private int Sample<T>(ReadOnlySpan<T> picture, int area, int channel, int pixel)
        where T : unmanaged, IBinaryInteger<T> =>
        grey
            ? (299 * int.CreateTruncating(picture[pixel]) + 587 * int.CreateTruncating(picture[area + pixel]) + 114 * int.CreateTruncating(picture[2 * area + pixel]) + 500) / 1000
            : int.CreateTruncating(picture[channel * area + pixel]);

    private int Stretch(int sample)
    {
        if (window is not var (low, high)) return sample;
        return (int)Math.Clamp((2L * White * (sample - low) + (high - low)) / (2L * (high - low)), 0, White);
    }
}
