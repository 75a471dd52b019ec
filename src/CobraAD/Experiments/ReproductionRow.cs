namespace CobraAD.Experiments;

/// <summary>One number of the paper beside ours.</summary>
/// <param name="Row">The table's row.</param>
/// <param name="Column">The table's column.</param>
/// <param name="Quantity">What is measured, with its unit.</param>
/// <param name="Ours">Ours; <see langword="null"/> until every cell is computed.</param>
/// <param name="Low">Lower end of its 95 % interval, where there is one.</param>
/// <param name="High">Upper end.</param>
/// <param name="Published">The paper's, where it printed one.</param>
/// <param name="Difference">Ours less the paper's, where both measure the same.</param>
/// <param name="Cells">Cells behind the number.</param>
/// <param name="Normals">Normal test images, over all cells.</param>
/// <param name="Anomalies">Anomalous test images, over all cells.</param>
/// <param name="Notes">What to know about either.</param>
internal sealed record ReproductionRow(
    string Row, string Column, string Quantity, double? Ours, double? Low, double? High, double? Published, double? Difference,
    int Cells, int Normals, int Anomalies, IReadOnlyList<string> Notes);
