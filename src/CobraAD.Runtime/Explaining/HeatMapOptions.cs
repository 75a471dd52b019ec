namespace CobraAD.Runtime.Explaining;

/// <summary>How <see cref="RobustDetector.Explain(string, HeatMapOptions?, CancellationToken)"/> draws the pixels that raise the score.</summary>
public sealed record HeatMapOptions
{
    /// <summary>Side of the square over which heat is averaged, as a share of the image's side: single pixels say little.</summary>
    /// <value>Default 1/14, from 0 (not averaged) to 1/2.</value>
    public double Smoothing { get; init; } = 1 / 14.0;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        if (Smoothing is not (>= 0 and <= 0.5)) throw new ArgumentOutOfRangeException(nameof(Smoothing), Smoothing, "Smoothing must be between 0 and 1/2.");
    }
}
