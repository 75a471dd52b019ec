namespace CobraAD.Evaluation.Parts;

/// <summary>Something about the images that their owner should know before training.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Message">What was found, in a sentence with its numbers.</param>
/// <param name="Advice">Why it matters and what to do.</param>
/// <param name="Files">The files it is about, the worst first; empty where it is about all.</param>
/// <param name="Details">What is to be said about each file, such as of which other it is a copy.</param>
public sealed record DataFinding(DataFindingKind Kind, string Message, string Advice, IReadOnlyList<string> Files, IReadOnlyList<string> Details)
{
    /// <summary>Places of the files among all images; fewer where files could not be read.</summary>
    internal IReadOnlyList<int> Pictures { get; init; } = [];

    /// <summary>Of what each of the pictures is a copy; empty where it is not about copies.</summary>
    internal IReadOnlyList<int> Partners { get; init; } = [];
}
