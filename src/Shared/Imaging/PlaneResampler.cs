namespace CobraAD.Imaging;

/// <summary>Brings images to one size; keeps its filters and its memory for the next image of the same size. Not for several threads at once.</summary>
internal sealed class PlaneResampler
{
    private TriangleFilter? horizontal;
    private TriangleFilter? vertical;
    private float[] sums = [];
    private float[] line = [];

    /// <summary>Resizes by the separable triangle filter, rounding once at the end.</summary>
    /// <param name="source">[3, sourceHeight, sourceWidth].</param>
    /// <param name="sourceWidth">Its width.</param>
    /// <param name="sourceHeight">Its height.</param>
    /// <param name="destination">Receives [3, height, width].</param>
    /// <param name="width">New width.</param>
    /// <param name="height">New height.</param>
    public void Resize(ReadOnlySpan<byte> source, int sourceWidth, int sourceHeight, Span<byte> destination, int width, int height)
    {
        if ((width, height) == (sourceWidth, sourceHeight))
        {
            source.CopyTo(destination);
            return;
        }

        if (horizontal is null || !horizontal.Joins(sourceWidth, width)) horizontal = new TriangleFilter(sourceWidth, width);
        if (vertical is null || !vertical.Joins(sourceHeight, height)) vertical = new TriangleFilter(sourceHeight, height);
        if (sums.Length != width * height) sums = new float[width * height];
        if (line.Length != width) line = new float[width];

        // Between the two passes values stay real: rounding happens once. Each source row is spread over the target rows that see it,
        // so that what is kept in memory has the target's size, whatever the source's.
        for (int channel = 0; channel < 3; channel++)
        {
            ReadOnlySpan<byte> plane = source.Slice(channel * sourceWidth * sourceHeight, sourceWidth * sourceHeight);
            Array.Clear(sums);
            for (int y = 0; y < sourceHeight; y++)
            {
                horizontal.Filter(plane.Slice(y * sourceWidth, sourceWidth), line);
                vertical.Spread(line, y, sums);
            }

            Span<byte> target = destination.Slice(channel * sums.Length, sums.Length);
            for (int i = 0; i < sums.Length; i++) target[i] = (byte)(sums[i] + 0.5f);
        }
    }
}
