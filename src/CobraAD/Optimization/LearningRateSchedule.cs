using System.Text.Json.Serialization;
using CobraAD.Validation;

namespace CobraAD.Optimization;

/// <summary>
/// Learning rate as a function of where a run stands: a linear warm-up to the peak, then half a cosine without restarts (appendix I
/// of the paper). It remembers nothing, so a resumed run needs nothing but its step.
/// </summary>
public sealed record LearningRateSchedule
{
    /// <summary>The highest rate, reached at the end of the warm-up.</summary>
    /// <value>Default 1 (for LARS); above 0, at most 100.</value>
    public double Peak { get; init; } = 1;

    /// <summary>Rate of the first step as a fraction of the peak.</summary>
    /// <value>Default 0.1; from 0 to 1.</value>
    public double WarmUpStart { get; init; } = 0.1;

    /// <summary>Length of the warm-up in epochs.</summary>
    /// <value>Default 10; from 0 (none) up to but without <see cref="Epochs"/>.</value>
    public double WarmUpEpochs { get; init; } = 10;

    /// <summary>Length of the run in epochs. A training sets it from its own number of epochs; it is not part of the written options.</summary>
    /// <value>Default 100; above 0, at most 100,000.</value>
    [JsonIgnore]
    public double Epochs { get; init; } = 100;

    /// <summary>Where the cosine ends.</summary>
    /// <value>Default <see cref="CosineSpan.AfterWarmUp"/>.</value>
    public CosineSpan Span { get; init; } = CosineSpan.AfterWarmUp;

    /// <summary>The rate at a position.</summary>
    /// <param name="position">Epochs since the start of the run, with their fraction, e.g. step/stepsPerEpoch.</param>
    public double At(double position)
    {
        if (position < WarmUpEpochs) return Peak * (WarmUpStart + (1 - WarmUpStart) * position / WarmUpEpochs);
        double span = Span == CosineSpan.Full ? Epochs : Epochs - WarmUpEpochs;
        return Peak * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, (position - WarmUpEpochs) / span)));
    }

    /// <summary>The rate of a step.</summary>
    /// <param name="step">Steps taken before it.</param>
    /// <param name="stepsPerEpoch">Steps of one epoch.</param>
    public double At(long step, int stepsPerEpoch) => At((double)step / stepsPerEpoch);

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.RequirePositive(Peak, 100);
        OptionCheck.Require(WarmUpStart, 0, 1);
        OptionCheck.RequirePositive(Epochs, 100_000);
        OptionCheck.Require(WarmUpEpochs, WarmUpEpochs >= 0 && WarmUpEpochs < Epochs, $"at least 0 and below the {Epochs} epochs of the run");
        OptionCheck.RequireDefined(Span);
    }
}
