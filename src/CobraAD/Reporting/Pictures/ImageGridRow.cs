using static TorchSharp.torch;

namespace CobraAD.Reporting.Pictures;

/// <summary>One row of an <see cref="ImageGrid"/>.</summary>
/// <param name="Label">What the row shows, written above it; may be empty.</param>
/// <param name="Images">[N, 3, H, W] in [0, 1]; stays the caller's.</param>
/// <param name="Captions">A short text under each image; <see langword="null"/> for none.</param>
internal sealed record ImageGridRow(string Label, Tensor Images, IReadOnlyList<string>? Captions = null);
