namespace CobraAD.Methods.PatchCore;

/// <summary>How the distances of an image's patches become a map of the image.</summary>
/// <param name="Rows">Rows of the part that the network sees; the grid of distances is enlarged to it.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Top">Rows above it.</param>
/// <param name="Left">Columns left of it.</param>
/// <param name="Radius">Of the blur.</param>
/// <param name="Sigma">Of the blur, in pixels.</param>
internal sealed record MapPlan(int Rows, int Columns, int Top, int Left, int Radius, double Sigma);
