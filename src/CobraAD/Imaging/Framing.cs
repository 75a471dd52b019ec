using System.Text.Json.Serialization;
using CobraAD.Validation;
using SkiaSharp;

namespace CobraAD.Imaging;

/// <summary>
/// How a picture becomes the network's input. A model keeps how its training images were framed, and every picture that it is shown, in any program,
/// is framed alike.
/// </summary>
public sealed record Framing
{
    /// <summary>How the picture, or its region of interest, gets the shape of the network's input.</summary>
    /// <value>Default <see cref="ImageFit.Stretch"/>.</value>
    public ImageFit Fit { get; init; } = ImageFit.Stretch;

    /// <summary>The region of interest: all else is cut off before anything else is done. Pictures that have no room for it are refused.</summary>
    /// <value>Default <see langword="null"/>: the whole picture. Not together with a <see cref="Mask"/>.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PixelRegion? Region { get; init; }

    /// <summary>
    /// The region of interest as a PNG in base64, which <see cref="ReadMask"/> makes: what is bright in it is looked at, the smallest rectangle
    /// with all of it is cut out, and what is dark there becomes mid-grey. Pictures of another size are refused.
    /// </summary>
    /// <value>Default <see langword="null"/>.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Mask { get; init; }

    /// <summary>Which samples of 16 bits become black and white.</summary>
    /// <value>
    /// Default <see langword="null"/>: found from the training images where they have 16 bits (from their 0.1st to their 99.9th percentile, a tenth more on
    /// either side), else <see cref="DepthWindow.Full"/>. In a model <see langword="null"/> is <see cref="DepthWindow.Full"/>.
    /// </value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DepthWindow? Window { get; init; }

    /// <summary>Whether colours become grey: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).</summary>
    /// <value>Default <see langword="false"/>: as the file has them; a grey picture has three equal channels either way.</value>
    public bool Grey { get; init; }

    private bool IsPlain => Fit == ImageFit.Stretch && Region is null && Mask is null && !Grey && (Window is null || Window == DepthWindow.Full);

    /// <summary>What a set of images and a model keep of it; <see langword="null"/> where pictures are only resized.</summary>
    internal Framing? Kept => IsPlain ? null : Window == DepthWindow.Full ? this with { Window = null } : this;

    /// <summary>Reads a mask image: what is brighter than half is looked at; where nothing is, all that is not black.</summary>
    /// <param name="path">The image file, of the size of the pictures.</param>
    /// <returns>What <see cref="Mask"/> takes.</returns>
    /// <exception cref="ArgumentException">The file cannot be read as an image, or is black everywhere.</exception>
    public static string ReadMask(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RgbImage image;
        try
        {
            image = new ImageReader().Read(path);
        }
        catch (ImageReadException exception)
        {
            throw new ArgumentException($"{exception.Message} A mask is an image as large as the pictures, white where they are looked at.", nameof(path), exception);
        }

        ReadOnlySpan<byte> pixels = image.Pixels.Span[..(image.Width * image.Height)];
        byte least = pixels.ContainsAnyInRange((byte)128, (byte)255) ? (byte)128 : (byte)1;
        if (!pixels.ContainsAnyInRange(least, (byte)255)) throw new ArgumentException($"The mask '{path}' is black everywhere, so nothing would be looked at. What is to be looked at is white.", nameof(path));
        using SKBitmap bitmap = new(new SKImageInfo(image.Width, image.Height, SKColorType.Gray8, SKAlphaType.Opaque));
        Span<byte> seen = bitmap.GetPixelSpan();
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++) seen[y * bitmap.RowBytes + x] = pixels[y * image.Width + x] >= least ? (byte)255 : (byte)0;
        }

        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return Convert.ToBase64String(png.Span);
    }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.RequireDefined(Fit);
        OptionCheck.Require(Region, Region is null or { X: >= 0, Y: >= 0, Width: >= 1, Height: >= 1 }, "a first column and row of at least 0, a width and height of at least 1");
        OptionCheck.Require(Region, Region is null || Mask is null, "left out where a mask is given, which says itself what is looked at");
        OptionCheck.Require(Mask, Mask is null || IsMask(Mask), $"what {nameof(ReadMask)} makes of an image that is not black everywhere");
        OptionCheck.Require(Window, Window is null || (Window.Low >= 0 && Window.Low < Window.High && Window.High <= ushort.MaxValue), "two samples between 0 and 65535, the smaller one first");
    }

    private static bool IsMask(string mask)
    {
        try
        {
            _ = new SeenPixels(Convert.FromBase64String(mask));
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
