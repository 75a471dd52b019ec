using CobraAD.Validation;

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
        OptionCheck.RequireAtLeast(SamplesPerClass, 1);
        OptionCheck.Require(BatchSize, 1, 65536);
        OptionCheck.RequireList(
            Severities, Severities.Count > 0 && Severities.All(severity => severity is >= 1 and <= Corruption.Severities),
            $"numbers between 1 and {Corruption.Severities}, at least one");
    }
}
