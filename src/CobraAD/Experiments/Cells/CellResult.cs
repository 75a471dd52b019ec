using System.Text.Json.Serialization;
using CobraAD.Evaluation.Metrics;

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
internal sealed record CellResult(
    string Hash, ExperimentCell Cell, string Data, int Normals, int Anomalies, IReadOnlyDictionary<string, CellValue> Values,
    IReadOnlyList<string> Remarks, CellTiming Timing)
{
    /// <summary>What every test image scored; <see langword="null"/> where a cell has no attack, and in results of version 0.1.0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CellScores? Scores { get; init; }

    /// <summary>Whether two results say the same, whatever they cost.</summary>
    public bool Agrees(CellResult other) =>
        Hash == other.Hash && Data == other.Data && Normals == other.Normals && Anomalies == other.Anomalies
        && Values.Count == other.Values.Count && Values.All(pair => other.Values.TryGetValue(pair.Key, out CellValue? value) && pair.Value.Equals(value));
}

/// <summary>One measured number.</summary>
/// <param name="Value">The number; metrics are shares in [0, 1].</param>
/// <param name="Low">Lower end of its 95 % interval, where there is one.</param>
/// <param name="High">Upper end.</param>
internal sealed record CellValue(double Value, double? Low = null, double? High = null)
{
    /// <summary>A number with its interval.</summary>
    public static CellValue Of(double value, ConfidenceInterval interval) => new(value, interval.Low, interval.High);
}

/// <summary>What a cell cost. The only part of a result that is not a function of the cell.</summary>
/// <param name="Machine">Where it ran.</param>
/// <param name="Seconds">Everything, without what another cell had already trained.</param>
/// <param name="TrainingSeconds">The training, with what its pseudo-anomalies took to prepare, of the cell's model, whichever cell ran them.</param>
/// <param name="ScoringMilliseconds">Scoring one image of a batch.</param>
internal sealed record CellTiming(string Machine, double Seconds, double? TrainingSeconds, double? ScoringMilliseconds);
