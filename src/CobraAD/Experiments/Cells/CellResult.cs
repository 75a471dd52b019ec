namespace CobraAD.Experiments.Cells;

/// <summary>What a cell found out.</summary>
/// <param name="Hash">The cell's <see cref="ExperimentCell.Hash"/>.</param>
/// <param name="Cell">The cell.</param>
/// <param name="Data">Hash of the training and test images.</param>
/// <param name="Normals">Normal test images used.</param>
/// <param name="Anomalies">Anomalous test images used.</param>
/// <param name="Values">The numbers by name, e.g. "clean.auroc" and "pgd.auroc".</param>
/// <param name="Remarks">What a reader of the numbers must know, such as the backbone of a distance.</param>
/// <param name="Timing">What it cost.</param>
public sealed record CellResult(
    string Hash, ExperimentCell Cell, string Data, int Normals, int Anomalies, IReadOnlyDictionary<string, CellValue> Values,
    IReadOnlyList<string> Remarks, CellTiming Timing)
{
    /// <summary>Whether two results say the same, whatever they cost.</summary>
    /// <param name="other">The other result.</param>
    public bool Agrees(CellResult other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Hash == other.Hash && Data == other.Data && Normals == other.Normals && Anomalies == other.Anomalies
            && Values.Count == other.Values.Count && Values.All(pair => other.Values.TryGetValue(pair.Key, out CellValue? value) && pair.Value.Equals(value));
    }
}
