using CobraAD.Detection;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Optimization;
using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.PseudoAnomalies.Generative.Diffusion;
using CobraAD.PseudoAnomalies.Generative.Gan;
using CobraAD.Training.Adversarial;

namespace CobraAD.Methods.Cobra;

/// <summary>Ready-made options.</summary>
public static class CobraPresets
{
    /// <summary>Images up to this side use the 3×3 stem and ε = 4/255, larger ones the 7×7 stem and ε = 2/255 (decision D10).</summary>
    internal const int LargestLowResolution = 64;

    /// <summary>What <see cref="Tiny"/> was made for.</summary>
    private const int SmallestPartTile = 32;

    /// <summary>Half of 224; a larger one would take the training more than a quarter of an hour.</summary>
    private const int LargestPartTile = 112;

    /// <summary>The filter's classifier sees every tile many times; 112 updates need no more.</summary>
    private const int MostTiles = 2000;

    /// <summary>
    /// What a training costs and gains is a matter of updates, not of passes: a folder of 200 parts is repeated until an epoch of the small
    /// presets has as many batches of this size as one of thousands.
    /// </summary>
    private const int BatchSize = 64;

    /// <summary>The mean of about the last fifty updates.</summary>
    private const double AverageDecay = 0.98;

    /// <summary>
    /// Where a class is told from others, an anomaly that looks like one good image in twenty shall still pay T ln 20, 0.3 in cosine, however tight the bank is.
    /// Defects of parts are nearer than that.
    /// </summary>
    private static readonly CobraScoreConstants OfAClass = new() { LeastSpread = 0.1 };

    /// <summary>Names of the presets.</summary>
    public static IReadOnlyList<string> Names { get; } = ["paper", "fast", "tiny", "parts"];

    /// <summary>The options of a preset.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="imageSize">The longer side of the images in pixels, which decides the network's stem and the size of the attack.</param>
    /// <exception cref="ArgumentException">There is no such preset.</exception>
    public static CobraOptions Get(string name, int imageSize) => name switch
    {
        "paper" => Paper(imageSize),
        "fast" => Fast(imageSize),
        "tiny" => Tiny(imageSize),
        "parts" => Parts(imageSize),
        _ => throw new ArgumentException($"There is no preset '{name}'. Presets are {string.Join(", ", Names)}.", nameof(name)),
    };

    /// <summary>The paper's training (appendix I): ResNet-18, LARS, batch 128, 100 epochs, PGD-10. For a GPU.</summary>
    /// <param name="imageSize">The longer side of the images in pixels.</param>
    public static CobraOptions Paper(int imageSize) => new()
    {
        Network = new CobraNetworkOptions { Encoder = Encoder(imageSize, 1) },
        Attack = new InnerMaximizationOptions { Epsilon = Epsilon(imageSize) },
        PseudoAnomalies = new PseudoAnomalyOptions { Classifier = new TransformationClassifierOptions { Network = Encoder(imageSize, 1) } },
    };

    /// <summary>Half width, Adam, 1,200 updates of batch 64, PGD-7: hours on a CPU instead of weeks. The score is chosen from the good images.</summary>
    /// <param name="imageSize">The longer side of the images in pixels.</param>
    public static CobraOptions Fast(int imageSize) => new()
    {
        Preset = "fast",
        Network = new CobraNetworkOptions { Encoder = Encoder(imageSize, 0.5) },
        Attack = new InnerMaximizationOptions { Epsilon = Epsilon(imageSize), Steps = 7, BatchStatistics = imageSize <= LargestLowResolution },
        PseudoAnomalies = new PseudoAnomalyOptions
        {
            Classifier = new TransformationClassifierOptions { Network = SmallClassifier(imageSize), Epochs = 4 },
            Gan = new GanOptions { Width = 32, TrainingSteps = 3000, BatchSize = 64, Images = 2000 },
            Diffusion = new DiffusionOptions { Width = 32, TrainingSteps = 6000, BatchSize = 64, CheckEvery = 500, CheckImages = 128, CheckSamplingSteps = 10, Images = 1000 },
        },
        Optimizer = new OptimizerOptions { Name = "adam" },
        LearningRate = new LearningRateSchedule { Peak = 2e-3, WarmUpEpochs = 3 },
        WeightAverageDecay = AverageDecay,
        Epochs = 30,
        ItemsPerEpoch = 40 * BatchSize,
        BatchSize = BatchSize,
        Score = CobraScore.Auto,
        ScoreConstants = OfAClass,
        MirrorWhereAlike = true,
    };

    /// <summary>A thin network and 112 updates: a minute or two on 28 to 32 px, what <c>cobra demo</c> shows. The score is chosen from the good images.</summary>
    /// <param name="imageSize">The longer side of the images in pixels.</param>
    public static CobraOptions Tiny(int imageSize) => new()
    {
        Preset = "tiny",
        Network = new CobraNetworkOptions { Encoder = TinyEncoder },
        Attack = new InnerMaximizationOptions { Epsilon = Epsilon(imageSize), Steps = 5, BatchStatistics = imageSize <= LargestLowResolution },
        PseudoAnomalies = new PseudoAnomalyOptions
        {
            Classifier = new TransformationClassifierOptions { Network = TinyEncoder, Epochs = 4 },
            Gan = new GanOptions { Width = 16, TrainingSteps = 1500, BatchSize = 32, Images = 500, LargestSide = 32 },
            Diffusion = new DiffusionOptions
            {
                Width = 8,
                TrainingSteps = 1500,
                BatchSize = 32,
                LearningRate = 1e-3,
                CheckEvery = 250,
                CheckImages = 64,
                CheckSamplingSteps = 10,
                SamplingSteps = 25,
                Images = 250,
                LargestSide = 32,
            },
        },
        Optimizer = new OptimizerOptions { Name = "adam" },
        LearningRate = new LearningRateSchedule { Peak = 2e-3, WarmUpEpochs = 2 },
        WeightAverageDecay = AverageDecay,
        Epochs = 16,
        ItemsPerEpoch = 7 * BatchSize,
        BatchSize = BatchSize,
        Score = CobraScore.Auto,
        ScoreConstants = OfAClass,
        MirrorWhereAlike = true,
    };

    /// <summary>
    /// <see cref="Tiny"/> on tiles of half the images' side, for good parts that fill their images. A network that looks at each place by itself sees
    /// small defects, 200 parts become 1,800 tiles, and a tile costs a quarter of the whole. Twice as many updates against two steps instead of five,
    /// which is where more processor time helped most (docs/lab). Beyond the paper.
    /// </summary>
    /// <param name="imageSize">The longer side of the images in pixels; up to 32 there are no tiles.</param>
    public static CobraOptions Parts(int imageSize)
    {
        int? tile = PartTile(imageSize);
        CobraOptions small = Tiny(tile ?? imageSize);
        ResNetOptions encoder = tile > LargestLowResolution ? Encoder(imageSize, TinyEncoder.WidthFactor) : TinyEncoder;
        return small with
        {
            Preset = "parts",
            Network = small.Network with { Encoder = encoder },
            Attack = small.Attack! with { Epsilon = Epsilon(LargestLowResolution), Steps = 2, BatchStatistics = true },
            Epochs = 2 * small.Epochs,
            ScoreConstants = new(),
            PseudoAnomalies = small.PseudoAnomalies with { Classifier = small.PseudoAnomalies.Classifier with { Network = encoder } },
            Tiles = tile is { } side ? new TileOptions { Size = side, MostTraining = MostTiles } : null,
        };
    }

    /// <summary>The side of <see cref="Parts"/>' tiles; <see langword="null"/> for images that are looked at as a whole.</summary>
    internal static int? PartTile(int imageSize) => imageSize > SmallestPartTile ? Math.Clamp(imageSize / 2 / 8 * 8, SmallestPartTile, LargestPartTile) : null;

    private static ResNetOptions TinyEncoder { get; } = new() { Stem = ResNetStem.Strided, WidthFactor = 0.25 };

    private static ResNetOptions Encoder(int imageSize, double width) =>
        new() { Stem = imageSize <= LargestLowResolution ? ResNetStem.Cifar : ResNetStem.ImageNet, WidthFactor = width };

    /// <summary>It sees every image once for each transform, so at full resolution it would cost as much as the training itself.</summary>
    private static ResNetOptions SmallClassifier(int imageSize) => imageSize <= LargestLowResolution ? TinyEncoder : Encoder(imageSize, 0.25);

    private static double Epsilon(int imageSize) => (imageSize <= LargestLowResolution ? 4 : 2) / 255.0;
}
