using CobraAD.Methods.Cobra;
using CobraAD.Methods.Common;
using CobraAD.Optimization;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using CobraAD.Torch;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Ocsdf;

/// <summary>
/// OCSDF: a 1-Lipschitz network learns to be positive on good images and negative on what <see cref="NegativeSampling"/> draws at its own boundary.
/// Formulas, presets and departures from the original: docs/reference/methods/ocsdf.md.
/// </summary>
internal sealed class OcsdfMethod : LoopMethod<OcsdfOptions>
{
    private const string Group = "network";

    /// <summary>What is left of the learning rate at the end.</summary>
    private const double LastRate = 1e-3;

    /// <summary>Of large images: no map is smaller than the image in the first block, and the original's 128 good images and as many negatives would take some 50 GB at 224 pixels.</summary>
    private const int LargeImagesBatch = 16;

    public override string Name => "ocsdf";

    public override string Title => "OCSDF, one-class signed distance function (Béthune et al. 2023)";

    public override IReadOnlyList<string> Presets => ["default", "fmnist", "tiny"];

    protected override string NameOf(OcsdfOptions options) => "OCSDF";

    protected override OcsdfOptions OptionsOf(string preset, int imageSize) => preset switch
    {
        "fmnist" => new OcsdfOptions
        {
            Preset = preset,
            PoolsGlobally = false,
            Margin = 0.01,
            HingeWeight = 200,
            NegativeSteps = 16,
            NegativeRate = 12,
            NegativeLevel = 1.5,
            NegativesOnlyRise = false,
            WarmUpEpochs = 2,
            Epochs = 20,
            LearningRate = 1e-3,
        },
        "tiny" => new OcsdfOptions
        {
            Preset = preset,
            PoolsGlobally = false,
            Widths = [16, 16],
            Depths = [1, 1],
            Margin = 0.02,
            HingeWeight = 200,
            NegativeSteps = 3,
            NegativeRate = 3,
            WarmUpEpochs = 1,
            Epochs = 6,
            BatchSize = 32,
            LearningRate = 1e-2,
        },
        _ => new OcsdfOptions { BatchSize = imageSize <= CobraPresets.LargestLowResolution ? 128 : LargeImagesBatch },
    };

    protected override MethodDetector<OcsdfOptions> Fit(OcsdfOptions options, TrainingLoop run, Func<MethodCard<OcsdfOptions>> finish)
    {
        using Generator rng = run.Streams.Create("weights");
        using OrthogonalNetwork network = new OrthogonalNetwork(options, run.Images.Height, run.Images.Width, rng).to(run.Device);
        Train(options, run, network);
        return Handover.OrDispose(network.Finish(), trained => new OcsdfDetector(finish(), trained));
    }

    protected override MethodDetector<OcsdfOptions> Restore(MethodCard<OcsdfOptions> card, ModelArchive archive, string path, Device device) =>
        Handover.OrDispose(new LipschitzNetwork(card.Options, card.Data.Height, card.Data.Width), network =>
        {
            StateDictionary.Load(network, archive.Group(Group), path);
            try
            {
                return new OcsdfDetector(card, network.to(device));
            }
            catch (InvalidOperationException exception)
            {
                throw new ModelFormatException($"{path}: {exception.Message}", exception);
            }
        });

    private static void Train(OcsdfOptions options, TrainingLoop run, OrthogonalNetwork network)
    {
        using Optimizer optimizer = Optimizers.Create(new OptimizerOptions { Name = "rmsprop", Beta2 = 0.9, Epsilon = 1e-7, WeightDecay = 0 }, network.named_parameters());
        NegativeSampling sampling = new(options);
        double margin = options.Margin * Math.Sqrt(3.0 * run.Images.Height * run.Images.Width);
        int epochs = options.WarmUpEpochs + options.Epochs;
        long steps = (long)epochs * EpochOrder.StepsPerEpoch(run.Images.Count, 0, options.BatchSize);
        run.Train(TrainingPhase.Network, "network", epochs, options.BatchSize, batch =>
        {
            using Generator rng = run.Streams.Create("negatives", batch.Step);
            int newtonSteps = batch.Epoch < options.WarmUpEpochs ? 0 : options.NegativeSteps;
            Tensor negatives = sampling.Draw(network.ConstantFunction(), batch.Images, -options.NegativeLevel * margin, newtonSteps, rng);
            Func<Tensor, Tensor> function = network.Function();
            double rate = options.LearningRate * (1 - (1 - LastRate) * batch.Step / Math.Max(1, steps - 1));
            Tensor loss = Descent.Step(optimizer, HingeLoss.Value(function(batch.Images), function(negatives), margin, options.HingeWeight), rate);
            network.Retract();
            return loss;
        });
    }
}
