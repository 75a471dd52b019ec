namespace CobraAD.Evaluation.Metrics;

/// <summary>Where a metric would fall in 95 % of test sets of the same size. It always holds the metric itself.</summary>
/// <param name="Low">The lower end, in [0, 1].</param>
/// <param name="High">The upper end, in [0, 1].</param>
public readonly record struct ConfidenceInterval(double Low, double High)
{
    /// <summary>From the lower of both lower ends to the higher of both upper ends.</summary>
    internal ConfidenceInterval Widened(ConfidenceInterval other) => new(Math.Min(Low, other.Low), Math.Max(High, other.High));
}
