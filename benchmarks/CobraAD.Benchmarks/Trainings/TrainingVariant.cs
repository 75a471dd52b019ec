using CobraAD.Losses;
using CobraAD.Methods.Cobra;
using CobraAD.Training;
using CobraAD.Transforms.Light;

namespace CobraAD.Benchmarks.Trainings;

/// <summary>An idea for the training, as a change of a preset that should cost about the same processor time.</summary>
/// <param name="Name">One word, the name of its files.</param>
/// <param name="Meaning">What is different.</param>
/// <param name="Change">The change.</param>
internal sealed record TrainingVariant(string Name, string Meaning, Func<CobraOptions, CobraOptions> Change)
{
    /// <summary>What the others are compared with.</summary>
    public const string Usual = "preset";

    /// <summary>All of them, in the order of the table.</summary>
    public static IReadOnlyList<TrainingVariant> All { get; } =
    [
        new(Usual, "the preset as it is", options => options),
        new("last-weights", "weights of the last update, no running mean", options => options with { WeightAverageDecay = 0 }),
        new("running-statistics", "the attack sees running statistics, folded", options => Attack(options, batchStatistics: false)),
        new("two-steps", "two attack steps, half as many updates more", options => Attack(options, steps: 2) with { Epochs = options.Epochs * 3 / 2 }),
        new("small-batches", "batches of half the size, twice the updates", options => options with { BatchSize = options.BatchSize / 2 }),
        new("fast-rate", "twice the learning rate", options => Rate(options, 2)),
        new("slow-rate", "half the learning rate", options => Rate(options, 0.5)),
        new("literal-opposites", "opposites attacked too, no pairs within a group", options =>
            options with { Contrastive = options.Contrastive with { ExcludeSameGroup = true, AdversarialOpposite = true } }),
        new("opposite-2", "L_Opposite with weight 2", options => options with { Contrastive = options.Contrastive with { OppositeWeight = 2 } }),
        new("classifier-3", "L_CLS with weight 3", options => options with { ClassificationWeight = 3 }),
        new("no-opposites", "L_CL and L_CLS, no opposites", WithoutOpposites),
        new("contrast-alone", "L_CL alone", options => WithoutOpposites(options) with { ClassificationWeight = 0 }),
        new("unfiltered", "no filter of the pseudo-anomalies", options => options with { PseudoAnomalies = options.PseudoAnomalies with { Filter = false } }),
        new("supervised", "SupCL and L_CLS", options => options with { Contrastive = new ContrastiveLossOptions { Name = "supcon" } }),
        new("adaptive-mix", "hard transforms drawn by how the filter notices them", options =>
            options with { PseudoAnomalies = options.PseudoAnomalies with { AdaptiveMix = true } }),
        new("near-anomalies", "one or two hard transforms for each anomaly, not two to four", options =>
            options with { PseudoAnomalies = options.PseudoAnomalies with { MinTransforms = 1, MaxTransforms = 2 } }),
        new("score-attack", "the attack raises the error of the score instead of the loss", options => Attack(options, scoreShare: 1)),
        new("both-attacked", "the attack raises loss and error of the score", options => Attack(options, scoreShare: 0.5)),
        new("two-members", "two encoders side by side, twice the time", options => SideBySide(options, 2)),
        new("four-members", "four encoders side by side, four times the time", options => SideBySide(options, 4)),
        new("four-thin", "four encoders of half the width side by side", FourThin),
        new("four-thin-short", "four encoders of half the width side by side, two thirds of the updates", options =>
            FourThin(options) with { Epochs = options.Epochs * 2 / 3 }),
        new("four-thin-two-steps", "four encoders of half the width side by side, two attack steps", options => Attack(FourThin(options), steps: 2)),
        new("flat-weights", "each gradient taken at weights moved to a worse place, γ = 0.01", options => options with { WeightPerturbation = 0.01 }),
        new("apart", "batch statistics of clean and attacked views apart", options => options with { SeparateBatchStatistics = true }),
        new("consistent", "attacked views drawn to their images, weight 1", options => options with { ConsistencyWeight = 1 }),
        new("consistent-4", "attacked views drawn to their images, weight 4", options => options with { ConsistencyWeight = 4 }),
        new("mirrored", "light views are mirrored whatever the images are", options => options with { MirrorWhereAlike = false }),
        new("uncropped", "light views are not cropped", options => Light(options, light => light with { MinCropArea = 1 })),
        new("narrow-crops", "light views show nine tenths of the image or more", options => Light(options, light => light with { MinCropArea = 0.9 })),
        new("strong-jitter", "contrast and brightness of light views change twice as much, in every view", options =>
            Light(options, light => light with { JitterProbability = 1, Contrast = 0.8, Brightness = 0.8 })),
        new("unjittered", "light views keep their brightness, contrast and colours", options => Light(options, light => light with { JitterProbability = 0, GrayscaleProbability = 0 })),
        new("bare", "no light views", options => Light(options, _ => new LightAugmentationOptions { FlipProbability = 0, JitterProbability = 0, GrayscaleProbability = 0, MinCropArea = 1 })),
        new("wide-crops", "light views show half of the image or more, not four fifths", options => Light(options, light => light with { MinCropArea = 0.5 })),
        new("trimmed", "a twentieth of each batch left out, farthest from its mean", options => options with { TrimmedShare = 0.05 }),
        new("bfloat16", "bfloat16 in the training's passes", options => options with { Precision = TrainingPrecision.BFloat16 }),
    ];

    private static CobraOptions Attack(CobraOptions options, bool? batchStatistics = null, int? steps = null, double scoreShare = 0) => options with
    {
        Attack = options.Attack! with
        {
            BatchStatistics = batchStatistics ?? options.Attack.BatchStatistics,
            Steps = steps ?? options.Attack.Steps,
            ScoreShare = scoreShare,
        },
    };

    private static CobraOptions SideBySide(CobraOptions options, int members) => options with { Network = options.Network with { Members = members } };

    private static CobraOptions WithoutOpposites(CobraOptions options) => options with { Contrastive = options.Contrastive with { Name = "ntxent" } };

    private static CobraOptions Light(CobraOptions options, Func<LightAugmentationOptions, LightAugmentationOptions> change) =>
        options with { Augmentation = change(options.Augmentation) };

    private static CobraOptions FourThin(CobraOptions options) => SideBySide(options with { Network = options.Network.HalfWidth()! }, 4);

    private static CobraOptions Rate(CobraOptions options, double factor) => options with { LearningRate = options.LearningRate with { Peak = factor * options.LearningRate.Peak } };
}
