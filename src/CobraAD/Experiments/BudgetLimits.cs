using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Detection;
using CobraAD.Methods.Cobra;

namespace CobraAD.Experiments;

/// <summary>What a budget means for one data set.</summary>
/// <param name="Budget">The budget.</param>
/// <param name="ImageSize">Side in pixels to which images are resized.</param>
/// <param name="MaxTrain">Most training images; all when <see langword="null"/>.</param>
/// <param name="SamplesPerClass">Most test images of each class that are attacked; all when <see langword="null"/>.</param>
/// <param name="Options">The training.</param>
/// <param name="Suite">How large attacks other than PGD are.</param>
internal sealed record BudgetLimits(
    Budget Budget, int ImageSize, int? MaxTrain, int? SamplesPerClass, CobraOptions Options, Budget Suite)
{
    private const int LowResolution = 32;

    /// <summary>The limits for a data set whose images have the given side in the paper's protocol.</summary>
    public static BudgetLimits For(Budget budget, int paperSize)
    {
        bool isLow = paperSize <= LowResolution;
        int size = isLow || budget is Budget.Standard or Budget.Paper ? paperSize : 64;
        // The paper's radius follows the data set, not the size that a budget shrinks it to.
        double epsilon = (isLow ? 4 : 2) / 255.0;
        return budget switch
        {
            Budget.Smoke => new(budget, size, 40, 12, Attacked(Short(OfPaper(CobraPresets.Tiny(size)), 1), epsilon), Budget.Smoke),
            Budget.Quick => new(budget, size, 500, 100, Attacked(Quick(size, isLow), epsilon), Budget.Quick),
            Budget.Standard => new(budget, size, null, 200, Attacked(OfPaper(CobraPresets.Fast(size)), epsilon), Budget.Standard),
            Budget.Paper => new(budget, size, null, null, Attacked(CobraPresets.Paper(size), epsilon), Budget.Paper),
            _ => throw new ArgumentOutOfRangeException(nameof(budget), budget, $"Budget must be one of {string.Join(", ", Enum.GetNames<Budget>())}."),
        };
    }

    /// <summary>The training of another method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="paperSize">The side of the data set's images in the paper's protocol, which decides as it does for COBRA.</param>
    public DetectorOptions Training(IDetectionMethod method, int paperSize) => method.Preset(
        Budget switch
        {
            Budget.Smoke or Budget.Quick => "tiny",
            Budget.Standard when method.Presets.Contains("fast") => "fast",
            _ => method.DefaultPreset,
        },
        paperSize);

    /// <summary>The attacks that every number under attack has behind it: the paper's, and one that also climbs the detector's stand-ins.</summary>
    public string[] Usual => [Recipe("pgd"), Recipe("apgd")];

    /// <summary>The attack of that kind at this budget, as a recipe.</summary>
    public string Recipe(string kind)
    {
        AttackSuite.Size size = AttackSuite.SizeOf(Suite);
        Attack attack = kind == "apgd"
            ? new Apgd { Steps = size.MemberSteps, Restarts = size.MemberRestarts, Surrogates = true }
            : AttackSuite.Create(Suite).Single(attack => attack.Name == kind);
        return attack.ToString();
    }

    /// <summary>What a reader must know to judge a number of this budget.</summary>
    public string Describe() => FormattableString.Invariant(
        $"{Budget.ToString().ToLowerInvariant()}: preset {Options.Preset}, {Options.Epochs} epochs, {ImageSize} px, {(MaxTrain is { } train ? $"at most {train}" : "all")} training images, {(SamplesPerClass is { } test ? $"at most {test} test images of each class" : "all test images")}, {string.Join(" and ", Usual)}");

    private static CobraOptions Attacked(CobraOptions options, double epsilon) => options with { Attack = options.Attack! with { Epsilon = epsilon } };

    /// <summary>Categories of high resolution have few images: with as many epochs as the others they would get a third of the steps.</summary>
    private static CobraOptions Quick(int size, bool isLow) => OfPaper(CobraPresets.Tiny(size)) with { Epochs = isLow ? CobraPresets.Tiny(size).Epochs : 48 };

    /// <summary>A small preset without what goes beyond the paper: what is reproduced is its method.</summary>
    private static CobraOptions OfPaper(CobraOptions options) => options with
    {
        Attack = options.Attack! with { BatchStatistics = false },
        WeightAverageDecay = 0,
        ItemsPerEpoch = 0,
        Score = CobraScore.Similarity,
        ScoreConstants = new(),
        MirrorWhereAlike = false,
    };

    private static CobraOptions Short(CobraOptions options, int epochs) => options with
    {
        Epochs = epochs,
        BatchSize = 16,
        LearningRate = options.LearningRate with { WarmUpEpochs = 0.5 },
        Attack = options.Attack! with { Steps = 2 },
        PseudoAnomalies = options.PseudoAnomalies with
        {
            MaxTries = 4,
            Classifier = options.PseudoAnomalies.Classifier with { Epochs = 1 },
            // The single epoch has three steps: the queue must be full after the first.
            VirtualOutliers = options.PseudoAnomalies.VirtualOutliers with { QueueLength = 12, Draws = 1000 },
            Gan = options.PseudoAnomalies.Gan with { TrainingSteps = 10, Images = 40 },
            Diffusion = options.PseudoAnomalies.Diffusion with { TrainingSteps = 10, CheckEvery = 5, CheckImages = 8, CheckSamplingSteps = 2, SamplingSteps = 4, Images = 40 },
        },
    };
}
