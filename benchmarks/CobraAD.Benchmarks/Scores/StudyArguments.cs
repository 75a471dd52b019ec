using System.CommandLine;

namespace CobraAD.Benchmarks.Scores;

/// <summary>Which trainings a study looks at, as options of its command.</summary>
/// <param name="seeds">The seeds where none are given.</param>
internal sealed class StudyArguments(params long[] seeds)
{
    private readonly Argument<string> data = new("DATA") { Description = "The data set's folder." };
    private readonly Option<string[]> classes = new("--normal-class") { Description = "Classes that are normal, one after the other.", AllowMultipleArgumentsPerToken = true };
    private readonly Option<long[]> seeds = new("--seeds") { Description = "Seeds, one training each.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => seeds };
    private readonly Option<int?> size = new("--image-size") { Description = "Side of the images in pixels." };
    private readonly Option<int?> train = new("--max-train") { Description = "Most training images." };
    private readonly Option<int?> test = new("--max-test") { Description = "Most test images." };
    private readonly Option<double?> levels = new("--epsilon") { Description = "Radius in grey levels of 255; the preset's when absent." };
    private readonly Option<string> preset = new("--preset") { Description = "Preset of the training.", DefaultValueFactory = _ => "tiny" };

    /// <summary>Gives a command these options.</summary>
    public void AddTo(Command command)
    {
        command.Add(data);
        foreach (Option option in (Option[])[classes, seeds, size, train, test, levels, preset]) command.Add(option);
    }

    /// <summary>One for each class and seed; a data set without classes has one for each seed.</summary>
    public IEnumerable<ScoreStudyOptions> Trainings(ParseResult parsed) =>
        from normal in parsed.GetValue(classes) is { Length: > 0 } named ? named : (string?[])[null]
        from seed in parsed.GetValue(seeds)!
        select new ScoreStudyOptions
        {
            Data = parsed.GetValue(data)!,
            NormalClass = normal,
            Seed = seed,
            ImageSize = parsed.GetValue(size),
            MaxTrain = parsed.GetValue(train),
            MaxTest = parsed.GetValue(test),
            Epsilon = parsed.GetValue(levels) / 255,
            Preset = parsed.GetValue(preset)!,
        };
}
