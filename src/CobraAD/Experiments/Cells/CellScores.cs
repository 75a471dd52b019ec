using CobraAD.Evaluation.Metrics;

namespace CobraAD.Experiments.Cells;

/// <summary>What every test image of a cell scored, so that the interval of a mean over cells can know which of them share images.</summary>
/// <param name="Images">By what each image is known again: the first 16 hex digits of its pixels' SHA-256.</param>
/// <param name="IsAnomalous">The label of each.</param>
/// <param name="Under">The score of each by condition: "clean", the name of an attack, or "union".</param>
internal sealed record CellScores(IReadOnlyList<string> Images, IReadOnlyList<bool> IsAnomalous, IReadOnlyDictionary<string, IReadOnlyList<double>> Under)
{
    /// <summary>The measurement behind one of a cell's values; <see langword="null"/> where it is no metric of scores.</summary>
    /// <param name="value">The value's name, e.g. "pgd.auroc".</param>
    /// <param name="interval">The interval that the cell found for it.</param>
    public JointMeasurement? Measurement(string value, ConfidenceInterval interval) =>
        Under.TryGetValue(value[..value.LastIndexOf('.')], out IReadOnlyList<double>? scores) ? new JointMeasurement(Images, IsAnomalous, scores, interval) : null;

    /// <summary>The metric that a value's name ends in; <see langword="null"/> where it is another number.</summary>
    public static Func<DetectionMetrics, double>? Metric(string value) => value[(value.LastIndexOf('.') + 1)..] switch
    {
        "auroc" => metrics => metrics.Auroc,
        "aupr" => metrics => metrics.AveragePrecision,
        "fpr95" => metrics => metrics.Fpr95,
        _ => null,
    };
}
