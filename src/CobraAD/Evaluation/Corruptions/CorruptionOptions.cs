namespace CobraAD.Evaluation.Corruptions;

/// <summary>How a corruption benchmark is carried out.</summary>
public sealed record CorruptionOptions
{
    /// <summary>Test images of each class at most, drawn by <see cref="Seed"/>.</summary>
    /// <value><see langword="null"/> (the default) uses all.</value>
    public int? SamplesPerClass { get; init; }

    /// <summary>Images in one pass; it changes time and memory, never results.</summary>
    /// <value>Default 64.</value>
    public int BatchSize { get; init; } = 64;

    /// <summary>Fixes the sample and every random parameter.</summary>
    /// <value>Default 0.</value>
    public long Seed { get; init; }

    /// <summary>The severities, each 1 to 5.</summary>
    /// <value>Default all five.</value>
    public IReadOnlyList<int> Severities { get; init; } = [1, 2, 3, 4, 5];

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        if (SamplesPerClass < 1) throw new ArgumentOutOfRangeException(nameof(SamplesPerClass), SamplesPerClass, "SamplesPerClass must be at least 1.");
        if (BatchSize is < 1 or > 65536) throw new ArgumentOutOfRangeException(nameof(BatchSize), BatchSize, "BatchSize must be between 1 and 65,536.");
        if (Severities.Count == 0 || Severities.Any(severity => severity is < 1 or > Corruption.Severities))
            throw new ArgumentOutOfRangeException(nameof(Severities), string.Join(", ", Severities), $"Severities must be numbers between 1 and {Corruption.Severities}, at least one.");
    }
}
