namespace CobraAD.Runtime;

/// <summary>How <see cref="RobustDetector.Explain(string, HeatMapOptions?, CancellationToken)"/> looks for the pixels that raise the score.</summary>
public sealed record HeatMapOptions
{
    /// <summary>Side of the hidden squares as shares of the image's side; the maps of several are averaged.</summary>
    /// <value>Default 1/4 and 1/8. Each from 1/32 to 1/2.</value>
    public IReadOnlyList<double> PatchSizes { get; init; } = [0.25, 0.125];

    /// <summary>Step from one square to the next as a share of its side.</summary>
    /// <value>Default 1/2, from 1/8 to 1.</value>
    public double Step { get; init; } = 0.5;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        if (PatchSizes.Count == 0 || PatchSizes.Any(size => size is not (>= 1 / 32.0 and <= 0.5)))
            throw new ArgumentOutOfRangeException(nameof(PatchSizes), string.Join(", ", PatchSizes), "PatchSizes must hold at least one size, each between 1/32 and 1/2.");
        if (Step is not (>= 0.125 and <= 1)) throw new ArgumentOutOfRangeException(nameof(Step), Step, "Step must be between 1/8 and 1.");
    }
}
