using System.Numerics;
using System.Runtime.InteropServices;

namespace CobraAD.Imaging;

/// <summary>Brings images to one size; keeps its filters and its memory for the next image of the same size. Not for several threads at once.</summary>
internal sealed class PlaneResampler
{
    private TriangleFilter? horizontal;
    private TriangleFilter? vertical;
    private float[] sums = [];
    private float[] line = [];

    /// <summary>
    /// Resizes by the separable triangle filter at the depth of the source, rounding to 8 bits once at the end: whether a file has 8 or 16 bits,
    /// and in which format, the same picture gives the same bytes.
    /// </summary>
    /// <typeparam name="T">byte or ushort; the largest value is white.</typeparam>
    /// <param name="source">[3, sourceHeight, sourceWidth].</param>
    /// <param name="sourceWidth">Its width.</param>
    /// <param name="sourceHeight">Its height.</param>
    /// <param name="destination">Receives [3, height, width].</param>
    /// <param name="width">New width.</param>
    /// <param name="height">New height.</param>
    public void Resize<T>(ReadOnlySpan<T> source, int sourceWidth, int sourceHeight, Span<byte> destination, int width, int height)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        // 65535 / 255 is whole, and a division rounds a tie where the bytes' own average lies. By 1 it changes nothing.
        float unit = float.CreateTruncating(T.MaxValue) / 255f;
        if ((width, height) == (sourceWidth, sourceHeight))
        {
            if (typeof(T) == typeof(byte)) MemoryMarshal.AsBytes(source).CopyTo(destination);
            else for (int i = 0; i < source.Length; i++) destination[i] = Round(float.CreateTruncating(source[i]), unit);
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
            ReadOnlySpan<T> plane = source.Slice(channel * sourceWidth * sourceHeight, sourceWidth * sourceHeight);
            Array.Clear(sums);
            for (int y = 0; y < sourceHeight; y++)
            {
                horizontal.Filter(plane.Slice(y * sourceWidth, sourceWidth), line);
                vertical.Spread(line, y, sums);
            }

            Span<byte> target = destination.Slice(channel * sums.Length, sums.Length);
            for (int i = 0; i < sums.Length; i++) target[i] = Round(sums[i], unit);
        }
    }

    private static byte Round(float value, float unit) => (byte)(value / unit + 0.5f);
}
