namespace CobraAD.Imaging;

/// <summary>A rectangle of a picture's own pixels, upright as a viewer shows it.</summary>
/// <param name="X">Its first column, from 0.</param>
/// <param name="Y">Its first row, from 0.</param>
/// <param name="Width">Its width, at least 1.</param>
/// <param name="Height">Its height, at least 1.</param>
public sealed record PixelRegion(int X, int Y, int Width, int Height);
