using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Losses;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Cobra.Training;
using CobraAD.Networks;
using CobraAD.Optimization;
using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.Torch;
using CobraAD.Training.Adversarial;
using CobraAD.Training.Segments;
using CobraAD.Transforms.Light;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Macro;

/// <summary>
/// Everything that the paper's training works with, on random images: what an operation costs does not depend on their content. Only
/// Υ's rejection does, so it is timed by itself, against the classifier passes that it made.
/// </summary>
internal sealed class Scene : IDisposable
{
    private readonly Generator rng = new(1, CPU);

    public Scene(SceneOptions options)
    {
        Options = options;
        Training = CobraPresets.Get("paper", options.Side) with { BatchSize = options.Normals };
        Training = Training with { Network = Training.Network with { Encoder = Training.Network.Encoder with { WidthFactor = options.Width } } };
        Network = new CobraNetwork(Training.Network, rng);
        Folded = Network.Fold();
        Normals = Images(options.Normals);
        Layout = new PairLayout(options.Normals, 3);
        Light = new LightAugmentation(Training.Augmentation);
        Objective = new CobraObjective(ContrastiveLosses.Create(Training.Contrastive), Training.ClassificationWeight);
        Attack = new InnerMaximization(Training.Attack! with { Steps = options.AttackSteps ?? Training.Attack!.Steps });
        Optimizer = Optimizers.Create(Training.Optimizer, Network.named_parameters());
        using ImageSet images = Set(64);
        PseudoAnomalySupply supply = PseudoAnomalySources.Build(PseudoAnomalySources.Ours, null, images, Training.PseudoAnomalies with { Filter = false }, Streams, CPU);
        Unfiltered = supply.Generator!;
        Step = new CobraStep(Network, supply, Light, Objective, Optimizer, Streams, rowsAtOnce: options.MemoryLimit is { } limit ? PassMemory.RowsWithin(limit, Network.Encoder, images, options.Normals) : 0);
    }

    public SceneOptions Options { get; }

    public CobraOptions Training { get; }

    public RandomStreams Streams { get; } = new(1);

    public CobraNetwork Network { get; }

    public CobraNetwork Folded { get; }

    public Tensor Normals { get; }

    public PairLayout Layout { get; }

    public LightAugmentation Light { get; }

    public CobraObjective Objective { get; }

    public InnerMaximization Attack { get; }

    public Optimizer Optimizer { get; }

    public PseudoAnomalyGenerator Unfiltered { get; }

    public CobraStep Step { get; }

    /// <summary>Random images; the scene's generator goes on. The caller disposes them.</summary>
    public Tensor Images(int count) => rand([count, 3, Options.Side, Options.Side], generator: rng);

    /// <summary>Random images as a set; the caller disposes it.</summary>
    public ImageSet Set(int count)
    {
        using Tensor images = Images(count);
        return new ImageSet("random", (images * 255).to(ScalarType.Byte), [.. Enumerable.Range(0, count).Select(i => $"random#{i}")]);
    }

    /// <summary>Υ with its filter; the classifier is as wide as the preset's and trained for one epoch on 32 images. The caller disposes it.</summary>
    public PseudoAnomalyGenerator Filtered()
    {
        TransformationClassifierOptions classifier = Training.PseudoAnomalies.Classifier with { Epochs = 1 };
        classifier = classifier with { Network = classifier.Network with { WidthFactor = Options.Width } };
        using ImageSet images = Set(32);
        return PseudoAnomalyGenerator.Build(images, Training.PseudoAnomalies with { Classifier = classifier }, Streams, CPU);
    }

    /// <summary>A detector with this network and a bank of random embeddings; the caller disposes it.</summary>
    public CobraDetector Detector(int bankSize)
    {
        using IDisposable frozen = no_grad();
        CobraNetwork copy = new(Training.Network, rng);
        copy.load_state_dict(Network.state_dict());
        EmbeddingBank bank = new(randn([bankSize, Training.Network.EmbeddingSize], generator: rng));
        CobraModelCard card = new(
            Training, new("random", "good images", bankSize, Options.Side, Options.Side, ""), new ScoreCalibration(0, 1, 0.05, 1, 0, true),
            new CobraHealth(new PseudoAnomalyRecord(Training.PseudoAnomalies, null, PseudoAnomalyStatistics.None), [], 0));
        return new CobraDetector(copy, bank, card);
    }

    public void Dispose()
    {
        Unfiltered.Dispose();
        Optimizer.Dispose();
        Normals.Dispose();
        Folded.Dispose();
        Network.Dispose();
        rng.Dispose();
    }
}
