using CobraAD.Experiments.Cells;

namespace CobraAD.Experiments.Paper;

/// <summary>A table or figure of the paper, planned for the data at hand.</summary>
/// <param name="Name">"table1" to "table21", "figure1" to "figure5".</param>
/// <param name="Title">What it shows.</param>
/// <param name="Entries">Its numbers.</param>
/// <param name="LeftOut">What it lacks, and why.</param>
/// <param name="Notes">What is wrong with it as printed.</param>
/// <param name="Budget">The budget with what it means, once for each resolution.</param>
public sealed record PaperItem(
    string Name, string Title, IReadOnlyList<PaperEntry> Entries, IReadOnlyList<string> LeftOut, IReadOnlyList<string> Notes, IReadOnlyList<string> Budget)
{
    /// <summary>Every cell once, in order.</summary>
    public IReadOnlyList<PlannedCell> Cells { get; } = [.. Entries.SelectMany(entry => entry.Cells).DistinctBy(planned => planned.Id)];

    /// <summary>The cells in pieces of work: cells of one piece share a model, so two processes never train the same.</summary>
    public IReadOnlyList<IReadOnlyList<PlannedCell>> Pieces => [.. Cells.GroupBy(planned => planned.Cell.ModelHash()).Select(group => group.ToArray())];
}
