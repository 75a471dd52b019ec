namespace CobraAD.Experiments.Cells;

/// <summary>One measured number.</summary>
/// <param name="Value">The number; metrics are shares in [0, 1].</param>
/// <param name="Low">Lower end of its 95 % interval, where there is one.</param>
/// <param name="High">Upper end.</param>
public sealed record CellValue(double Value, double? Low = null, double? High = null);
