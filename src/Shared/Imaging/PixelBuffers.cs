namespace CobraAD.Imaging;

/// <summary>The memory of one decoded image: three planes, and the pixels as the decoder stored them. It grows as needed and is used again.</summary>
internal sealed class PixelBuffers
{
    private byte[] stored = [];

    /// <summary>Width of the upright image in pixels.</summary>
    public int Width { get; private set; }

    /// <summary>Height of the upright image in pixels.</summary>
    public int Height { get; private set; }

    /// <summary>[3, Height, Width] from its start on; longer when an earlier image was larger, else of exactly that length.</summary>
    public byte[] Planes { get; private set; } = [];

    /// <summary>Room for pixels as stored; its content is undefined.</summary>
    public Span<byte> Stored(int length)
    {
        if (stored.Length < length) stored = new byte[length];
        return stored.AsSpan(0, length);
    }

    /// <summary>Sets the size of the upright image; the content of the planes is undefined.</summary>
    public void SetSize(int width, int height)
    {
        (Width, Height) = (width, height);
        int length = checked(3 * width * height);
        if (Planes.Length < length) Planes = new byte[length];
    }

    /// <summary>Lets go of buffers above a size, so that one huge image does not hold memory for ever.</summary>
    public void Trim(int largest)
    {
        if (stored.Length > largest) stored = [];
        if (Planes.Length > largest) Planes = [];
    }
}
