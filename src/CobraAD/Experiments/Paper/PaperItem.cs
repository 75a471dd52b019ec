using CobraAD.Experiments.Cells;

namespace CobraAD.Experiments.Paper;

/// <summary>A table or figure of the paper, planned for the data at hand.</summary>
internal sealed record PaperItem
{
    internal PaperItem(
        string name, string title, IReadOnlyList<PaperEntry> entries, IReadOnlyList<string> leftOut, IReadOnlyList<string> notes, IReadOnlyList<string> budget)
    {
        Name = name;
        Title = title;
        Entries = entries;
        LeftOut = leftOut;
        Notes = notes;
        Budget = budget;
        Cells = [.. entries.SelectMany(entry => entry.Cells).DistinctBy(planned => planned.Id)];
    }

    /// <summary>"table1" to "table21", "figure1" to "figure5".</summary>
    public string Name { get; }

    /// <summary>What it shows.</summary>
    public string Title { get; }

    /// <summary>What it lacks, and why.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>What is wrong with it as printed.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>The budget with what it means, once for each resolution.</summary>
    public IReadOnlyList<string> Budget { get; }

    /// <summary>Every cell once, in order.</summary>
    public IReadOnlyList<PlannedCell> Cells { get; }

    /// <summary>The cells in pieces of work: cells of one piece share a model, so two processes never train the same.</summary>
    public IReadOnlyList<IReadOnlyList<PlannedCell>> Pieces => [.. Cells.GroupBy(planned => planned.Cell.ModelHash()).Select(group => group.ToArray())];

    /// <summary>Its numbers.</summary>
    internal IReadOnlyList<PaperEntry> Entries { get; }
}
