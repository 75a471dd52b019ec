using CobraAD.Datasets;
using CobraAD.Methods.Cobra;

namespace CobraAD.Benchmarks.Scores;

/// <summary>What a study of one training looks at.</summary>
internal sealed record ScoreStudyOptions
{
    /// <summary>The data set's folder.</summary>
    public required string Data { get; init; }

    /// <summary>The class that is normal, where the data set has classes.</summary>
    public string? NormalClass { get; init; }

    /// <summary>Side of the images; the data set's usual one when <see langword="null"/>.</summary>
    public int? ImageSize { get; init; }

    /// <summary>Most training and test images.</summary>
    public int? MaxTrain { get; init; }

    /// <summary>Most test images.</summary>
    public int? MaxTest { get; init; }

    /// <summary>Preset of the training.</summary>
    public string Preset { get; init; } = "tiny";

    /// <summary>ε of training and attack; the preset's when <see langword="null"/>.</summary>
    public double? Epsilon { get; init; }

    /// <summary>Gradient steps for each score that is climbed.</summary>
    public int Steps { get; init; } = 30;

    /// <summary>Seed of everything.</summary>
    public long Seed { get; init; }

    /// <summary>The data set; the caller disposes it.</summary>
    public AnomalyBenchmark Open() => DatasetLoader.Open(Data, new DatasetOptions
    {
        NormalClass = NormalClass,
        ImageSize = ImageSize,
        MaxTrain = MaxTrain,
        MaxTest = MaxTest,
        Seed = Seed,
    });

    /// <summary>The preset for images of a size, with these options and a score chosen from good images.</summary>
    public CobraOptions Training(ImageSet images)
    {
        CobraOptions training = CobraPresets.Get(Preset, Math.Max(images.Height, images.Width)) with { Seed = Seed, Score = CobraScore.Auto };
        return Epsilon is { } wanted ? training with { Attack = training.Attack! with { Epsilon = wanted } } : training;
    }
}
