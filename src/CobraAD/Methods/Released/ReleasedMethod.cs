using CobraAD.Methods.Cobra;
using CobraAD.Methods.Common;
using CobraAD.Methods.Shifts;
using CobraAD.Networks;
using CobraAD.Optimization;
using CobraAD.Serialization.Archive;
using CobraAD.Training;
using CobraAD.Transforms.Hard;
using static TorchSharp.torch;

namespace CobraAD.Methods.Released;

/// <summary>
/// What the authors' published code trains under COBRA's name: NT-Xent over four views (two light ones, two attacked) and a classifier
/// of shifts, with three attacks in each step and neither opposite pairs in the loss nor a filter (docs/reference/methods/released.md).
/// </summary>
internal sealed class ReleasedMethod : NetworkMethod<ReleasedOptions, CobraNetwork>
{
    public override string Name => "cobra-released";

    public override string Title => "COBRA as its authors' code has it (Mirzaei et al. 2025)";

    public override IReadOnlyList<string> Presets => ["released", "fast", "tiny"];

    protected override string NameOf(ReleasedOptions options) => "COBRA, released code";

    protected override ReleasedOptions OptionsOf(string preset, int imageSize)
    {
        bool isLow = imageSize <= CobraPresets.LargestLowResolution;
        ReleasedOptions released = new()
        {
            Network = new CobraNetworkOptions { Encoder = CobraPresets.Paper(imageSize).Network.Encoder, Classes = isLow ? 4 : 2 },
            Shift = isLow ? ReleasedShift.Rotation : ReleasedShift.Scar,
            ItemsPerEpoch = isLow ? 0 : 10_000,
        };
        if (!isLow) released = released with { Augmentation = released.Augmentation with { MinCropArea = 1 } };
        return preset switch
        {
            "fast" => Short(released, preset, CobraPresets.Fast(imageSize)) with { Attack = released.Attack with { Steps = 7 }, BatchSize = 32 },
            "tiny" => Short(released, preset, CobraPresets.Tiny(imageSize)) with { Attack = released.Attack with { Steps = 2 }, BatchSize = 16, ScoreViews = 1, Epochs = 4 },
            _ => released,
        };
    }

    protected override CobraNetwork Create(ReleasedOptions options, int height, int width, Generator rng) => new(options.Network, rng);

    protected override MethodDetector<ReleasedOptions> Fit(ReleasedOptions options, TrainingLoop run, CobraNetwork network, Func<MethodCard<ReleasedOptions>> finish)
    {
        ShiftViews views = Views(options);
        ReleasedStep step = new(network, options, views, run.Streams);
        using Optimizer optimizer = Optimizers.Create(options.Optimizer, network.named_parameters());
        int stepsPerEpoch = EpochOrder.StepsPerEpoch(run.Images.Count, options.ItemsPerEpoch, options.BatchSize);
        run.Train(
            TrainingPhase.Network, "network", options.Epochs, options.BatchSize,
            batch => Descent.Step(optimizer, step.Loss(batch), options.Schedule.At(batch.Step, stepsPerEpoch)), options.ItemsPerEpoch);
        return ShiftDetector<ReleasedOptions>.Of(options, run, network, views, finish);
    }

    protected override MethodDetector<ReleasedOptions> Restore(MethodCard<ReleasedOptions> card, CobraNetwork network, ModelArchive archive, string path, Device device)
    {
        ShiftReference reference = new(
            Take(archive, "reference", "axes", path, device), Take(archive, "reference", "similarity", path, device), Take(archive, "reference", "shift", path, device));
        return new ShiftDetector<ReleasedOptions>(card, network, Views(card.Options), reference);
    }

    /// <summary>Υ by the code's shift, with the code's own draws in the score.</summary>
    internal static ShiftViews Views(ReleasedOptions options)
    {
        ReleasedScar scar = new();
        return new ShiftViews(
            options,
            options.Shift == ReleasedShift.Rotation ? (images, turns, _) => QuarterTurn.Apply(images, full([images.size(0)], turns, dtype: ScalarType.Int64)) : (images, _, rng) => scar.Apply(images, rng),
            "released score");
    }

    /// <summary>The network, optimiser and epochs of one of COBRA's own short presets.</summary>
    private static ReleasedOptions Short(ReleasedOptions released, string preset, CobraOptions cobra) => released with
    {
        Preset = preset,
        Network = released.Network with { Encoder = cobra.Network.Encoder },
        Optimizer = cobra.Optimizer,
        LearningRate = cobra.LearningRate with { Span = CosineSpan.Full },
        Epochs = cobra.Epochs,
        ItemsPerEpoch = 0,
    };
}
