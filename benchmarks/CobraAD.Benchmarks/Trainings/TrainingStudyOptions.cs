using CobraAD.Benchmarks.Scores;

namespace CobraAD.Benchmarks.Trainings;

/// <summary>What a study of trainings looks at: one training for each variant, class and seed.</summary>
internal sealed record TrainingStudyOptions
{
    /// <summary>What all trainings have in common; each gets its own class and seed.</summary>
    public required ScoreStudyOptions Common { get; init; }

    /// <summary>The classes that are normal; <see langword="null"/> alone where the data set has none.</summary>
    public required IReadOnlyList<string?> NormalClasses { get; init; }

    /// <summary>The seeds.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>The variants; the preset as it is comes first.</summary>
    public required IReadOnlyList<TrainingVariant> Variants { get; init; }
}
