namespace CobraAD.Datasets;

/// <summary>Where a tile lies.</summary>
/// <param name="Image">Index of its image.</param>
/// <param name="Top">Its first row.</param>
/// <param name="Left">Its first column.</param>
internal readonly record struct TilePlace(int Image, int Top, int Left);
