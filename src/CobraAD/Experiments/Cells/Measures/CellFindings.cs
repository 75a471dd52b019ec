namespace CobraAD.Experiments.Cells.Measures;

/// <summary>What a measure found out, before it is a cell's result.</summary>
/// <param name="Values">The numbers by name.</param>
/// <param name="Normals">Normal test images used.</param>
/// <param name="Anomalies">Anomalous test images used.</param>
internal sealed record CellFindings(IReadOnlyDictionary<string, CellValue> Values, int Normals, int Anomalies)
{
    /// <summary>What every test image scored, where images were scored.</summary>
    public CellScores? Scores { get; init; }

    /// <summary>What a reader of the numbers must know.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>The training, with what its pseudo-anomalies took to prepare, of the cell's model, whichever cell ran them.</summary>
    public double? TrainingSeconds { get; init; }

    /// <summary>Scoring one image of a batch.</summary>
    public double? ScoringMilliseconds { get; init; }
}
