namespace CobraAD.Evaluation.Metrics;

/// <summary>One of several measurements whose mean is taken.</summary>
/// <param name="Images">By what each image is known again in the others.</param>
/// <param name="IsAnomalous">Its label.</param>
/// <param name="Scores">Its score.</param>
/// <param name="Own">The interval of this measurement alone.</param>
internal sealed record JointMeasurement(IReadOnlyList<string> Images, IReadOnlyList<bool> IsAnomalous, IReadOnlyList<double> Scores, ConfidenceInterval Own);
