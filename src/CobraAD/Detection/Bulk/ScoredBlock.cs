namespace CobraAD.Detection.Bulk;

/// <summary>The kept result of a piece.</summary>
/// <param name="Content">SHA-256 of the model, and of the names and bytes of the piece's files: other images give another.</param>
/// <param name="Files">One for each file, in order.</param>
internal sealed record ScoredBlock(string Content, IReadOnlyList<ScoredEntry> Files);

/// <summary>The result of a file.</summary>
/// <param name="Name">The file.</param>
/// <param name="Score">What the detector computed.</param>
/// <param name="Unreadable">Why there is no score.</param>
internal sealed record ScoredEntry(string Name, double? Score, string? Unreadable);
