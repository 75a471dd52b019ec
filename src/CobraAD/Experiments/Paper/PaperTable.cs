namespace CobraAD.Experiments.Paper;

/// <summary>A table or figure of the paper, before it is planned for any data.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Fill">Plans its numbers; <see langword="null"/> for a figure that has none.</param>
internal sealed record PaperTable(string Title, Action<PaperDraft>? Fill = null)
{
    /// <summary>What it lacks whatever the data, and why.</summary>
    public string? Missing { get; init; }

    /// <summary>Trainings of each number, unless the user says otherwise.</summary>
    public int Seeds { get; init; } = 1;
}
