using CobraAD.Attacks;
using CobraAD.Detection;
using CobraAD.Validation;

namespace CobraAD.Evaluation.Audit;

/// <summary>How an audit is carried out.</summary>
public sealed record AuditOptions
{
    /// <summary>How much it may cost: steps, restarts, queries and images.</summary>
    /// <value>Default <see cref="Budget.Quick"/>: 50 images of each class, PGD 50×2, 500 queries.</value>
    public Budget Budget { get; init; } = Budget.Quick;

    /// <summary>Test images of each class, drawn by <see cref="Seed"/>.</summary>
    /// <value><see langword="null"/> (the default) takes the budget's: 16, 50, 200 or 500.</value>
    public int? SamplesPerClass { get; init; }

    /// <summary>Images in one pass.</summary>
    /// <value>Default 64.</value>
    public int BatchSize { get; init; } = 64;

    /// <summary>Fixes the sample and every random number.</summary>
    /// <value>Default 0.</value>
    public long Seed { get; init; }

    /// <summary>An undefended detector of the same images, for the transfer check; not disposed.</summary>
    /// <value><see langword="null"/> (the default) skips that check.</value>
    public IAnomalyDetector? Twin { get; init; }

    /// <summary>A certified Lipschitz constant of the score in the threat model's norm: |A(x) - A(x')| ≤ L·‖x - x'‖.</summary>
    /// <value><see langword="null"/> (the default) takes the detector's own (<see cref="ILipschitzScore"/>), and skips the certificate check where it has none.</value>
    public double? LipschitzConstant { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.RequireDefined(Budget);
        OptionCheck.RequireAtLeast(SamplesPerClass, 4);
        OptionCheck.Require(BatchSize, 1, 65536);
        OptionCheck.RequireAtLeast(LipschitzConstant, 0);
    }
}
