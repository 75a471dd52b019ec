using CobraAD.Methods.Common;

namespace CobraAD.Methods.PatchCore;

/// <summary>How the distances of an image's patches become a map of the image.</summary>
/// <param name="Shown">The part that the network sees; the grid of distances is enlarged to it.</param>
/// <param name="Radius">Of the blur.</param>
/// <param name="Sigma">Of the blur, in pixels.</param>
internal sealed record MapPlan(ShownWindow Shown, int Radius, double Sigma);
