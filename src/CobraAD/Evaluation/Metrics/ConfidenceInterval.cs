namespace CobraAD.Evaluation.Metrics;

/// <summary>Where a metric would fall in 95 % of test sets of the same size.</summary>
/// <param name="Low">2.5 % quantile of the bootstrap replicates.</param>
/// <param name="High">97.5 % quantile of the bootstrap replicates.</param>
public readonly record struct ConfidenceInterval(double Low, double High);
