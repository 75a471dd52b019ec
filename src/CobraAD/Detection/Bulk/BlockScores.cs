using CobraAD.Datasets;

namespace CobraAD.Detection.Bulk;

/// <summary>What a detector says of a block of files.</summary>
/// <param name="Paths">Those that could be read, in order.</param>
/// <param name="Scores">Their scores.</param>
/// <param name="Unreadable">Those that could not.</param>
/// <param name="Pictures">The files of their pictures, where some were wanted.</param>
internal sealed record BlockScores(IReadOnlyList<string> Paths, IReadOnlyList<double> Scores, IReadOnlyList<UnreadableImage> Unreadable, IReadOnlyList<string>? Pictures);
