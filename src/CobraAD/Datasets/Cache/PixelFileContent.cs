namespace CobraAD.Datasets.Cache;

/// <summary>What a file of decoded images says of itself. It is written behind the pixels, last of all.</summary>
/// <param name="Fingerprint">Of which images it is (<see cref="PixelCache"/>).</param>
/// <param name="Images">Number of rows.</param>
/// <param name="Side">Height and width of every image in pixels.</param>
/// <param name="Unreadable">The rows that hold nothing, ascending.</param>
internal sealed record PixelFileContent(string Fingerprint, int Images, int Side, IReadOnlyList<UnreadableRow> Unreadable)
{
    /// <summary>Bytes of a row.</summary>
    public long RowBytes => 3L * Side * Side;

    /// <summary>Bytes of all rows.</summary>
    public long PixelBytes => RowBytes * Images;
}
