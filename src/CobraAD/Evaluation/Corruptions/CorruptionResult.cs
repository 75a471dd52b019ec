namespace CobraAD.Evaluation.Corruptions;

/// <summary>How a detector does under the faults of light, lens, sensor and transport.</summary>
/// <param name="Detector">The detector's name.</param>
/// <param name="Clean">On untouched images.</param>
/// <param name="Outcomes">Every corruption at every severity, in the order of <see cref="CorruptionCatalog.All"/>.</param>
public sealed record CorruptionResult(string Detector, CorruptionOutcome Clean, IReadOnlyList<CorruptionOutcome> Outcomes)
{
    /// <summary>Mean AUROC over all corruptions and severities.</summary>
    public double MeanAuroc => Outcomes.Average(outcome => outcome.Auroc);
}
