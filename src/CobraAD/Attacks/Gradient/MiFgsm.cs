using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Gradient;

/// <summary>
/// Momentum iterative FGSM (Dong et al. 2018): the step follows m ← decay·m + g/‖g‖₁ with α = ε/k, which transfers better between
/// detectors and crosses small bumps of the score.
/// </summary>
public sealed record MiFgsm : IterativeAttack
{
    /// <inheritdoc/>
    public override string Name => "mi-fgsm";

    /// <summary>Gradient steps of one restart.</summary>
    /// <value>Default 20.</value>
    public int Steps { get; init; } = 20;

    /// <summary>Runs; the first starts from the clean image.</summary>
    /// <value>Default 1.</value>
    public int Restarts { get; init; } = 1;

    /// <summary>Share of the momentum that stays at each step.</summary>
    /// <value>Default 1.</value>
    public double Decay { get; init; } = 1;

    private protected override int StepCount => Steps;

    private protected override int RestartCount => Restarts;

    /// <inheritdoc/>
    public override void Validate()
    {
        OptionCheck.Require(Steps, 1, 1_000_000);
        OptionCheck.Require(Restarts, 1, 10_000);
        OptionCheck.Require(Decay, 0, 1);
    }

    private protected override double StepShare(int step) => 1.0 / Steps;

    private protected override Tensor Smooth(Tensor gradient, Tensor memory)
    {
        Tensor largest = Ball.PerRow(gradient.abs().flatten(1).amax([1L]), gradient);
        Tensor scaled = gradient / largest;
        Tensor mean = Ball.PerRow(scaled.abs().flatten(1).sum(1), scaled);
        return memory.mul_(Decay).add_(scaled / mean);
    }
}
