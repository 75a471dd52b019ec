using CobraAD.Attacks;
using CobraAD.Detection;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Robustness;

/// <summary>
/// Attacks the same images under growing radii of one norm. A point found under a smaller radius stays a candidate under the larger ones, so
/// the union's AUROC cannot rise along the curve.
/// </summary>
/// <example>
/// <code>
/// SecurityCurveEvaluator evaluator = new(detector, Norm.Linf, [0, 1 / 255.0, 2 / 255.0, 4 / 255.0], AttackRecipe.ParseMany("pgd:steps=100"));
/// IReadOnlyList&lt;RobustnessResult&gt; results = evaluator.Evaluate(benchmark);
/// SecurityCurve curve = SecurityCurve.From(results, detector);
/// </code>
/// </example>
internal sealed class SecurityCurveEvaluator
{
    private readonly RobustnessEvaluator[] stages;
    private readonly RobustnessOptions options;

    /// <summary>Prepares an evaluation at each radius.</summary>
    /// <param name="detector">The detector under attack, in evaluation mode.</param>
    /// <param name="norm">How the size of a perturbation is measured.</param>
    /// <param name="epsilons">The radii; they are attacked in ascending order, each once.</param>
    /// <param name="attacks">The attacks, in order.</param>
    /// <param name="options">How each evaluation is carried out; defaults when <see langword="null"/>. A state file becomes one for each radius.</param>
    /// <exception cref="ArgumentOutOfRangeException">A radius or an option is outside its range, or there is no radius.</exception>
    public SecurityCurveEvaluator(
        IAnomalyDetector detector, Norm norm, IReadOnlyList<double> epsilons, IReadOnlyList<IAttack> attacks, RobustnessOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(epsilons);
        ArgumentOutOfRangeException.ThrowIfZero(epsilons.Count, nameof(epsilons));
        this.options = options ?? new RobustnessOptions();
        stages = [.. epsilons.Distinct().Order().Select(epsilon => At(new ThreatModel(norm, epsilon)))];

        RobustnessEvaluator At(ThreatModel threat) => new(detector, threat, attacks, this.options with { StateFile = StateFile(threat) });
    }

    /// <summary>Attacks labelled images under every radius.</summary>
    /// <param name="images">The test images.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Stops the evaluation; with state files it can go on later.</param>
    /// <returns>One result for each distinct radius, ascending; the caller disposes them.</returns>
    /// <inheritdoc cref="RobustnessEvaluator.Evaluate"/>
    public IReadOnlyList<RobustnessResult> Evaluate(
        EvaluationSet images, IProgress<RobustnessProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        int[] sample = images.Sample(options);
        bool[] isAnomalous = [.. sample.Select(i => images.IsAnomalous[i])];
        using Tensor batch = images.Images(sample, options.MostBytesOfOne);
        List<RobustnessResult> curve = [];
        try
        {
            foreach (RobustnessEvaluator stage in stages)
                curve.Add(stage.EvaluateSample(batch, sample, isAnomalous, curve.LastOrDefault()?.Ledger, progress, cancellation));
        }
        catch
        {
            curve.ForEach(result => result.Dispose());
            throw;
        }

        if (!options.KeepState) DeleteState();
        return curve;
    }

    /// <summary>Whether there is a state file of some radius that this evaluation would go on from.</summary>
    public bool HasState() => stages.Any(stage => stage.HasState());

    /// <summary>Deletes the state files, where there are any: what <see cref="RobustnessOptions.KeepState"/> leaves to the caller.</summary>
    public void DeleteState()
    {
        foreach (RobustnessEvaluator stage in stages) stage.DeleteState();
    }

    private string? StateFile(ThreatModel threat) =>
        options.StateFile is { } file ? $"{file}-{threat.ToString().Replace(':', '-').Replace('/', '-')}" : null;
}
