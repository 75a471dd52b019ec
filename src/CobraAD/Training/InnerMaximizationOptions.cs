namespace CobraAD.Training;

/// <summary>The attack that every training step defends against.</summary>
public sealed record InnerMaximizationOptions
{
    /// <summary>ε, the largest change of a pixel in [0, 1].</summary>
    /// <value>Default 4/255, for images up to 64 px; the paper has 2/255 above. From 0 to 1.</value>
    public double Epsilon { get; init; } = 4 / 255.0;

    /// <summary>Gradient steps.</summary>
    /// <value>Default 10; from 1 to 1000.</value>
    public int Steps { get; init; } = 10;

    /// <summary>α, the length of a step.</summary>
    /// <value>Default <see langword="null"/>: 2.5 ε/steps. Otherwise above 0, at most 1.</value>
    public double? StepSize { get; init; }

    /// <summary>Where the attack starts.</summary>
    /// <value>Default <see cref="AttackStart.Uniform"/>.</value>
    public AttackStart Start { get; init; } = AttackStart.Uniform;

    /// <summary>Whether batch normalisation uses the statistics of the batch during the attack instead of the running ones.</summary>
    /// <value>Default <see langword="false"/>: evaluation mode, in which the keys' embeddings are constants. The running statistics never move.</value>
    public bool BatchStatistics { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        if (!(Epsilon is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(Epsilon), Epsilon, "Epsilon must be between 0 and 1.");
        if (Steps is < 1 or > 1000) throw new ArgumentOutOfRangeException(nameof(Steps), Steps, "Steps must be between 1 and 1000.");
        if (StepSize is { } size && !(size is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(StepSize), size, "StepSize must be above 0 and at most 1.");
        if (!Enum.IsDefined(Start)) throw new ArgumentOutOfRangeException(nameof(Start), Start, $"Start must be one of {string.Join(", ", Enum.GetNames<AttackStart>())}.");
    }
}
