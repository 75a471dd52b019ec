using CobraAD.Datasets;
using CobraAD.Losses.Pixels;
using CobraAD.Methods.Common;
using CobraAD.Optimization;
using CobraAD.PseudoAnomalies.Sources;
using CobraAD.PseudoAnomalies.Textures;
using CobraAD.Serialization.Archive;
using CobraAD.Training;
using CobraAD.Transforms;
using CobraAD.Transforms.Hard;
using static TorchSharp.torch;

namespace CobraAD.Methods.Draem;

/// <summary>
/// DRAEM: textures are pasted into good images; one network learns to remove them, L = mean (x̂ - x)² + 1 - SSIM(x̂, x), and another to find them,
/// by the focal loss. Formulas, presets and departures from the original: docs/reference/methods/draem.md.
/// </summary>
internal sealed class DraemMethod : NetworkMethod<DraemOptions, DraemNetwork>
{
    private static readonly Rotation Turn = new();

    public override string Name => "draem";

    public override string Title => "DRAEM (Zavrtanik et al. 2021)";

    public override string Needs => "nothing else; a folder of textures, as the original has (\"textures\" in --config)";

    protected override string NameOf(DraemOptions options) =>
        options.Textures is { } folder ? $"DRAEM (textures of {Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))})" : "DRAEM (procedural textures)";

    protected override DraemOptions OptionsOf(string preset, int imageSize) => preset == "tiny"
        ? new DraemOptions { Preset = preset, ReconstructionWidth = 8, SegmentationWidth = 8, Epochs = 12, BatchSize = 16, LearningRate = 1e-2 }
        : new DraemOptions();

    protected override DraemNetwork Create(DraemOptions options, int height, int width, Generator rng) => new(options, height, width, rng);

    protected override MethodDetector<DraemOptions> Fit(DraemOptions options, TrainingLoop run, DraemNetwork network, Func<MethodCard<DraemOptions>> finish)
    {
        using ImageSet? folder = options.Textures is { } path ? FolderImages.Read(path, "textures", run.Images, run.Cancellation) : null;
        PerlinAnomalies anomalies = new(folder is null ? new ProceduralTextures() : new FolderTextures(folder));
        using Optimizer optimizer = Optimizers.Create(new OptimizerOptions { Name = "adam", WeightDecay = 0 }, network.named_parameters());
        network.train();
        run.Train(TrainingPhase.Network, "networks", options.Epochs, options.BatchSize, batch =>
        {
            using Generator rng = run.Streams.Create("anomalies", batch.Step);
            Tensor wanted = Turned(batch.Images, options.TurnedShare, rng);
            (Tensor crafted, Tensor masks) = anomalies.CraftWithMasks(wanted, rng);
            Tensor chosen = RandomDraw.PerImage(RandomDraw.Coin(rng, wanted.size(0), options.AnomalyShare), wanted);
            (Tensor images, Tensor mask) = (chosen * crafted + (1 - chosen) * wanted, chosen * masks);
            Tensor reconstructed = network.Reconstruct(images);
            Tensor loss = (reconstructed - wanted).square().mean() + 1 - Ssim.Mean(reconstructed, wanted) + FocalLoss.Of(network.Segment(images, reconstructed), mask, options.Focus);
            return Descent.Step(optimizer, loss, RateAt(options, batch.Epoch));
        });
        return new DraemDetector(finish(), network);
    }

    protected override MethodDetector<DraemOptions> Restore(MethodCard<DraemOptions> card, DraemNetwork network, ModelArchive archive, string path, Device device) =>
        new DraemDetector(card, network);

    /// <summary>The learning rate in an epoch, counted from 0.</summary>
    internal static double RateAt(DraemOptions options, int epoch) =>
        options.LearningRate * (epoch >= 0.9 * options.Epochs ? 0.04 : epoch >= 0.8 * options.Epochs ? 0.2 : 1);

    private static Tensor Turned(Tensor images, double share, Generator rng)
    {
        Tensor chosen = RandomDraw.PerImage(RandomDraw.Coin(rng, images.size(0), share), images);
        return chosen * Turn.Apply(images, rng) + (1 - chosen) * images;
    }
}
