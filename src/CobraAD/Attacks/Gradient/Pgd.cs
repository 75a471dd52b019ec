using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Gradient;

/// <summary>
/// Projected gradient ascent with restarts (Madry et al. 2018): restart 0 from the clean image, the others from random points. The
/// paper's evaluation is 1,000 steps with 10 restarts.
/// </summary>
public sealed record Pgd : IterativeAttack
{
    /// <summary>From how many steps on <see cref="StepSchedule.Automatic"/> is <see cref="StepSchedule.Cosine"/>.</summary>
    private const int FewestCosineSteps = 20;

    private const double WholeRadius = 1, LastStep = 0.01;

    private readonly double? firstStep;

    /// <inheritdoc/>
    public override string Name => "pgd";

    /// <summary>Gradient steps of one restart.</summary>
    /// <value>Default 100.</value>
    public int Steps { get; init; } = 100;

    /// <summary>Runs; the first starts from the clean image.</summary>
    /// <value>Default 1.</value>
    public int Restarts { get; init; } = 1;

    /// <summary>How the step size changes.</summary>
    /// <value>Default <see cref="StepSchedule.Automatic"/>.</value>
    public StepSchedule Schedule { get; init; } = StepSchedule.Automatic;

    /// <summary>
    /// Length of the path in units of ε under the constant schedule: α = factor·ε/steps, and half of that for a single step, which would
    /// otherwise end in a corner of the ball wherever it starts.
    /// </summary>
    /// <value>Default 2.5.</value>
    public double Factor { get; init; } = 2.5;

    /// <summary>The first step under the cosine in units of ε, 0.01 to 2; the constant schedule has none.</summary>
    /// <value>Default 1 where the steps follow the cosine, otherwise <see langword="null"/>. 0.25 until 2026-11-28.</value>
    public double? FirstStep
    {
        get => firstStep ?? (IsCosine ? WholeRadius : null);
        init => firstStep = value;
    }

    /// <summary>Whether restart 0 starts from a random point too, as in the released code.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool RandomStart { get; init; }

    /// <summary>Whether the FGSM point is a candidate too.</summary>
    /// <value>Default <see langword="true"/>; switch off to compare iterative with single-step attacks.</value>
    public bool IncludeFgsm { get; init; } = true;

    private protected override int StepCount => Steps;

    private protected override int RestartCount => Restarts;

    // From a random point the single step is not FGSM's.
    private protected override bool TriesSingleStep => IncludeFgsm && !RandomStart;

    /// <summary>Attacks are equal when their recipes are: an option left out equals its default.</summary>
    /// <param name="other">The other attack.</param>
    public bool Equals(Pgd? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override void Validate()
    {
        OptionCheck.Require(Steps, 1, 1_000_000);
        OptionCheck.Require(Restarts, 1, 10_000);
        OptionCheck.Require(Factor, 0.01, 1000);
        if (firstStep is not double first) return;
        OptionCheck.Require(first, LastStep, 2, nameof(FirstStep));
        if (!IsCosine)
            throw new ArgumentOutOfRangeException(nameof(FirstStep), first, $"FirstStep belongs to the cosine schedule: schedule=cosine, or automatic with at least {FewestCosineSteps} steps.");
    }

    private bool IsCosine => Schedule == StepSchedule.Cosine || (Schedule == StepSchedule.Automatic && Steps >= FewestCosineSteps);

    private protected override double StepShare(int step)
    {
        if (FirstStep is not double first) return Factor / Math.Max(2, Steps);
        return LastStep + (first - LastStep) * (1 + Math.Cos(Math.PI * step / Math.Max(1, Steps - 1))) / 2;
    }

    private protected override Tensor Start(AttackBatch batch, int restart)
    {
        if (restart == 0 && !RandomStart) return batch.Clean;
        using ImageRandom random = batch.Random("pgd start", restart);
        return batch.Ball.RandomPoint(random);
    }
}
