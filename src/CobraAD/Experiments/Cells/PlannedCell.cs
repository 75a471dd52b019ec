namespace CobraAD.Experiments.Cells;

/// <summary>A cell and the place that it has in an item of the paper.</summary>
/// <param name="Id">The place, e.g. "fmnist 1 / CL / seed 0": the same under every budget and option.</param>
/// <param name="Cell">What is computed there.</param>
public sealed record PlannedCell(string Id, ExperimentCell Cell);
