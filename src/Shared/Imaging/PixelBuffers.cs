namespace CobraAD.Imaging;

/// <summary>
/// The memory of one decoded image: three planes at the depth of the file, and the pixels as the decoder stored them. It grows as needed and is
/// used again.
/// </summary>
internal sealed class PixelBuffers
{
    private byte[] stored = [];

    /// <summary>Width of the upright image in pixels.</summary>
    public int Width { get; private set; }

    /// <summary>Height of the upright image in pixels.</summary>
    public int Height { get; private set; }

    /// <summary>Whether the image has 16 bits a channel and lies in <see cref="DeepPlanes"/>; else it has 8 and lies in <see cref="Planes"/>.</summary>
    public bool IsDeep { get; private set; }

    /// <summary>[3, Height, Width] from its start on; longer when an earlier image was larger, else of exactly that length.</summary>
    public byte[] Planes { get; private set; } = [];

    /// <summary>The same for an image of 16 bits a channel, 65535 being white.</summary>
    public ushort[] DeepPlanes { get; private set; } = [];

    /// <summary>Room for pixels as stored; its content is undefined.</summary>
    public Span<byte> Stored(int length)
    {
        if (stored.Length < length) stored = new byte[length];
        return stored.AsSpan(0, length);
    }

    /// <summary>Sets the size of an upright image of 8 bits a channel; the content of the planes is undefined.</summary>
    public Span<byte> Shallow(int width, int height)
    {
        int length = SetSize(width, height, isDeep: false);
        if (Planes.Length < length) Planes = new byte[length];
        return Planes.AsSpan(0, length);
    }

    /// <summary>Sets the size of an upright image of 16 bits a channel; the content of the planes is undefined.</summary>
    public Span<ushort> Deep(int width, int height)
    {
        int length = SetSize(width, height, isDeep: true);
        if (DeepPlanes.Length < length) DeepPlanes = new ushort[length];
        return DeepPlanes.AsSpan(0, length);
    }

    /// <summary>The image at another size, [3, height, width], rounded to 8 bits once, after everything else.</summary>
    public void ResizeInto(Span<byte> destination, int width, int height, PlaneResampler resampler)
    {
        if (IsDeep) resampler.Resize<ushort>(DeepPlanes.AsSpan(0, 3 * Width * Height), Width, Height, destination, width, height);
        else resampler.Resize<byte>(Planes.AsSpan(0, 3 * Width * Height), Width, Height, destination, width, height);
    }

    /// <summary>The image as a network sees it, [3, height, width]; see <see cref="Placement.Place"/>.</summary>
    public void PlaceInto(Span<byte> destination, int width, int height, Placement placement, PlaneResampler resampler, PixelBuffers cut)
    {
        if (IsDeep) placement.Place<ushort>(DeepPlanes.AsSpan(0, 3 * Width * Height), Width, Height, destination, width, height, resampler, cut);
        else placement.Place<byte>(Planes.AsSpan(0, 3 * Width * Height), Width, Height, destination, width, height, resampler, cut);
    }

    /// <summary>Lets go of buffers above a size, so that one huge image does not hold memory for ever.</summary>
    public void Trim(int largest)
    {
        if (stored.Length > largest) stored = [];
        if (Planes.Length > largest) Planes = [];
        if (DeepPlanes.Length > largest / sizeof(ushort)) DeepPlanes = [];
    }

    private int SetSize(int width, int height, bool isDeep)
    {
        (Width, Height, IsDeep) = (width, height, isDeep);
        return checked(3 * width * height);
    }
}
