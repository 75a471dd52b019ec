namespace CobraAD.Networks.Backbones;

/// <summary>Where a network's weights came from.</summary>
/// <param name="Name">The file's name, or "random weights".</param>
/// <param name="Sha256">SHA-256 (lower-case hex) of the file; <see langword="null"/> for random weights.</param>
/// <param name="Ignored">Tensors of the file that the network has no place for, such as a classifier.</param>
public sealed record WeightOrigin(string Name, string? Sha256, IReadOnlyList<string> Ignored);
