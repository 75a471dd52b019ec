namespace CobraAD.Imaging;

/// <summary>Which samples of 16 bits become black and white; those between are stretched, those outside cut. A sample of 8 bits counts 257-fold.</summary>
/// <param name="Low">Becomes black; at least 0.</param>
/// <param name="High">Becomes white; above <paramref name="Low"/> and at most 65535.</param>
public sealed record DepthWindow(int Low, int High)
{
    /// <summary>Every sample as it is: 0 to 65535.</summary>
    public static DepthWindow Full { get; } = new(0, ushort.MaxValue);
}
