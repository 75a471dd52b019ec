using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Optimization;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using CobraAD.Torch;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.ReContrast;

/// <summary>
/// ReContrast: an encoder adapts to the good images while a decoder learns to give, from its maps, those of its frozen copy, and the other way
/// round. Formulas, presets and departures from the original: docs/reference/methods/recontrast.md.
/// </summary>
internal sealed class ReContrastMethod : LoopMethod<ReContrastOptions>
{
    /// <summary>Mean losses that a training keeps.</summary>
    private const int Rounds = 10;

    public override string Name => "recontrast";

    public override string Title => "ReContrast (Guo et al. 2023)";

    public override string Needs => "nothing else: its backbone is the ImageNet package's; --backbone names another";

    protected override string NameOf(ReContrastOptions options) => "ReContrast";

    protected override string NameOf(ReContrastOptions options, WeightOrigin? backbone) => backbone is null ? NameOf(options) : $"{NameOf(options)} ({backbone.Describe(options.Backbone)})";

    protected override ReContrastOptions OptionsOf(string preset, int imageSize) => preset == "tiny"
        ? new ReContrastOptions
        {
            Preset = preset,
            Backbone = new BackboneOptions { Network = new ResNetOptions { Stem = ResNetStem.Strided, WidthFactor = 0.25 } },
            Iterations = 60,
        }
        : new ReContrastOptions();

    protected override MethodDetector<ReContrastOptions> Fit(ReContrastOptions options, TrainingLoop run, Func<MethodCard<ReContrastOptions>> finish)
    {
        using Generator rng = run.Streams.Create("backbone");
        Backbone backbone = BackboneStore.Open(options.Backbone, rng).To(run.Device);
        return Handover.OrDispose(backbone, () =>
        {
            run.Backbone = backbone.Origin;
            RequireHalves(backbone, run);
            using Generator weights = run.Streams.Create("weights");
            ReContrastNetwork network = new((ResNet)backbone.Network, weights);
            return Handover.OrDispose(network, () =>
            {
                network.to(run.Device);
                Train(options, run, backbone, network);
                return new ReContrastDetector(finish(), backbone, network);
            });
        });
    }

    protected override MethodDetector<ReContrastOptions> Restore(MethodCard<ReContrastOptions> card, ModelArchive archive, string path, Device device) =>
        Handover.OrDispose(RestoreBackbone(card, card.Options.Backbone, archive, path, device), backbone =>
        {
            using Generator unused = new(0, CPU);
            ReContrastNetwork network = new((ResNet)backbone.Network, unused);
            return Handover.OrDispose(network, () =>
            {
                StateDictionary.Load(network, archive.Group("network"), path);
                network.to(device);
                return new ReContrastDetector(card, backbone, network);
            });
        });

    private static void Train(ReContrastOptions options, TrainingLoop run, Backbone backbone, ReContrastNetwork network)
    {
        using ResNet frozen = ReContrastDetector.Frozen(backbone);
        OptimizerOptions adam = new() { Name = "adamw", WeightDecay = options.WeightDecay };
        using Optimizer encoder = Optimizers.Create(adam, network.Encoder.named_parameters());
        using Optimizer rest = Optimizers.Create(adam, network.named_parameters().Where(entry => !entry.name.StartsWith("encoder.", StringComparison.Ordinal)));
        network.train();
        if (options.FixNormalization) network.Encoder.eval();
        run.Train(TrainingPhase.Network, "decoder", Rounds, options.BatchSize, batch =>
        {
            Tensor prepared = backbone.Prepare(batch.Images);
            Tensor[] fixedMaps;
            using (no_grad()) fixedMaps = [.. frozen.FeatureMaps(prepared).Skip(1)];
            IReadOnlyList<MapPair> pairs = network.Pairs(fixedMaps, [.. network.Encoder.FeatureMaps(prepared).Skip(1)]);
            Tensor loss = ReContrastLoss.Of(pairs, ReContrastLoss.MiningAt(batch.Step, options.Iterations, options.Mining));
            encoder.ZeroGradients();
            Descent.Step(rest, loss, options.LearningRate);
            encoder.LearningRate = options.EncoderLearningRate;
            encoder.Step();
            return loss;
        }, itemsPerEpoch: options.Iterations / Rounds * options.BatchSize);
    }

    /// <summary>The decoder doubles what the bottleneck halves, so three halvings of the first map must come out even.</summary>
    private static void RequireHalves(Backbone backbone, TrainingLoop run)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor map = backbone.FeatureMaps(run.Images.Batch(0, 1, run.Device), 1)[1];
        if (map.size(2) % 8 == 0 && map.size(3) % 8 == 0) return;
        throw new ArgumentException(
            $"ReContrast halves the first map of its backbone three times, and on these images of {run.Images.Width} × {run.Images.Height} pixels it has {map.size(3)} × {map.size(2)} places, "
            + $"which is no multiple of 8. Set backbone.resizeTo (or --image-size) to a multiple of {(backbone.Options.Network.Stem == ResNetStem.ImageNet ? 32 : 16)} pixels.");
    }
}
