namespace CobraAD.Runtime.Images;

/// <summary>How an uncompressed image lies in memory: row after row from the top, pixels side by side.</summary>
/// <param name="Format">The channels of a pixel.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Stride">Bytes from the start of one row to the start of the next; 0 when rows follow without a gap.</param>
public readonly record struct PixelLayout(PixelFormat Format, int Width, int Height, int Stride = 0)
{
    /// <summary>
    /// Whether the image is framed already as the model wants it: its region of interest cut out, and so on. Then it is only resized. What cameras give is not.
    /// </summary>
    public bool IsFramed { get; init; }

    /// <summary>Bytes of one pixel: 1, 2, 3 or 4.</summary>
    public int BytesPerPixel => Format switch
    {
        PixelFormat.Grey => 1,
        PixelFormat.Grey16 => 2,
        PixelFormat.Rgb or PixelFormat.Bgr => 3,
        _ => 4,
    };

    internal int RowStride => Stride == 0 ? Width * BytesPerPixel : Stride;

    /// <summary>Checks that the layout is possible and that a buffer holds such an image.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    internal void Validate(int available)
    {
        if (!Enum.IsDefined(Format)) throw new ArgumentException($"Unknown pixel format {Format}; use one of {string.Join(", ", Enum.GetNames<PixelFormat>())}.");
        if (Width < 1 || Height < 1) throw new ArgumentException($"An image of {Width} × {Height} pixels has no pixels; width and height must be at least 1.");
        long row = (long)Width * BytesPerPixel;
        if (Stride != 0 && Stride < row) throw new ArgumentException($"A stride of {Stride} bytes is less than the {row} bytes of a row of {Width} {Format} pixels.");
        if (Format == PixelFormat.Grey16 && Stride % sizeof(ushort) != 0) throw new ArgumentException($"A stride of {Stride} bytes is no whole number of pixels of 16 bits.");
        long needed = (Height - 1L) * (Stride == 0 ? row : Stride) + row;
        if (available < needed) throw new ArgumentException($"{Width} × {Height} {Format} pixels with a stride of {(Stride == 0 ? row : Stride)} take {needed} bytes, found {available}.");
    }
}
