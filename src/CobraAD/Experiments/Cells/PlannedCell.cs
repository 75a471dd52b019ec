namespace CobraAD.Experiments.Cells;

/// <summary>A cell and the place that it has in an item of the paper.</summary>
internal sealed record PlannedCell
{
    internal PlannedCell(string id, ExperimentCell cell)
    {
        Id = id;
        Cell = cell;
    }

    /// <summary>The place, e.g. "fmnist 1 / CL / seed 0": the same under every budget and option.</summary>
    public string Id { get; }

    /// <summary>What is computed there.</summary>
    internal ExperimentCell Cell { get; }
}
