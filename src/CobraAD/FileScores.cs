using CobraAD.Datasets;

namespace CobraAD;

/// <summary>What a detector says of image files.</summary>
/// <param name="Images">Those that could be read: files in the order given, of a folder in the ordinal order of their paths.</param>
/// <param name="Unreadable">Those that could not, and why.</param>
public sealed record FileScores(IReadOnlyList<FileScore> Images, IReadOnlyList<UnreadableImage> Unreadable);
