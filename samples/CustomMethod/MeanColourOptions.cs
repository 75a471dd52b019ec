using CobraAD.Detection;

namespace CustomMethod;

/// <summary>Options of the method from outside.</summary>
public sealed record MeanColourOptions : DetectorOptions
{
    /// <summary>How much the channels' distances count.</summary>
    public double Weight { get; init; } = 1;

    public override void Validate()
    {
        base.Validate();
        if (Weight is not (> 0 and <= 100)) throw new ArgumentOutOfRangeException(nameof(Weight), Weight, "Weight must be above 0 and at most 100.");
    }
}
