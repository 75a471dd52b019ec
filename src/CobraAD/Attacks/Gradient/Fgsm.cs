namespace CobraAD.Attacks.Gradient;

/// <summary>
/// One step of length ε from the clean image: x' = Project(x + ε·sign ∇J), or along the unit gradient for l2 (Goodfellow et al. 2014).
/// Pixels with a zero gradient do not move.
/// </summary>
public sealed record Fgsm : IterativeAttack
{
    /// <inheritdoc/>
    public override string Name => "fgsm";

    private protected override int StepCount => 1;

    private protected override double StepShare(int step) => 1;
}
