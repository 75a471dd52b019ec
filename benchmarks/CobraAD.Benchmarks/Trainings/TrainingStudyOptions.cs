namespace CobraAD.Benchmarks.Trainings;

/// <summary>What a study of trainings looks at: one training for each variant, class and seed.</summary>
internal sealed record TrainingStudyOptions
{
    /// <summary>The data set's folder.</summary>
    public required string Data { get; init; }

    /// <summary>The classes that are normal; <see langword="null"/> alone where the data set has none.</summary>
    public required IReadOnlyList<string?> NormalClasses { get; init; }

    /// <summary>The seeds.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>The variants; the preset as it is comes first.</summary>
    public required IReadOnlyList<TrainingVariant> Variants { get; init; }

    /// <summary>Side of the images; the data set's usual one when <see langword="null"/>.</summary>
    public int? ImageSize { get; init; }

    /// <summary>Most training images.</summary>
    public int? MaxTrain { get; init; }

    /// <summary>Most test images.</summary>
    public int? MaxTest { get; init; }

    /// <summary>ε of training and attack; the preset's when <see langword="null"/>.</summary>
    public double? Epsilon { get; init; }

    /// <summary>Preset that the variants change.</summary>
    public string Preset { get; init; } = "tiny";

    /// <summary>Gradient steps for each score that is climbed.</summary>
    public int Steps { get; init; } = 30;
}
