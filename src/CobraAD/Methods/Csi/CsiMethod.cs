using CobraAD.Methods.Cobra;
using CobraAD.Methods.Common;
using CobraAD.Methods.Shifts;
using CobraAD.Networks;
using CobraAD.Optimization;
using CobraAD.Serialization.Archive;
using CobraAD.Training;
using CobraAD.Transforms.Hard;
using static TorchSharp.torch;

namespace CobraAD.Methods.Csi;

/// <summary>
/// CSI: contrastive learning in which shifted copies of an image count as other images, and a classifier that tells the shifts. Formulas, presets and
/// departures from the original: docs/reference/methods/csi.md.
/// </summary>
internal sealed class CsiMethod : NetworkMethod<CsiOptions, CobraNetwork>
{
    /// <summary>Of large images: the share that each of the original's four GPUs has of its 128. All of them would take some 20 GB at 224 pixels.</summary>
    private const int LargeImagesBatch = 32;

    public override string Name => "csi";

    public override string Title => "CSI, contrasting shifted instances (Tack et al. 2020)";

    protected override string NameOf(CsiOptions options) => options.ScoreViews == 0 ? "CSI, without views in the score" : "CSI";

    protected override CsiOptions OptionsOf(string preset, int imageSize)
    {
        CsiOptions original = new()
        {
            Network = new CobraNetworkOptions { Encoder = CobraPresets.Paper(imageSize).Network.Encoder, Classes = 4 },
            BatchSize = imageSize <= CobraPresets.LargestLowResolution ? 128 : LargeImagesBatch,
        };
        CobraOptions small = CobraPresets.Tiny(imageSize);
        return preset == "tiny"
            ? original with
            {
                Preset = preset,
                Network = original.Network with { Encoder = small.Network.Encoder },
                Optimizer = small.Optimizer,
                LearningRate = small.LearningRate,
                Epochs = 6,
                BatchSize = 16,
                ScoreViews = 0,
            }
            : original;
    }

    protected override CobraNetwork Create(CsiOptions options, int height, int width, Generator rng) => new(options.Network, rng);

    protected override MethodDetector<CsiOptions> Fit(CsiOptions options, TrainingLoop run, CobraNetwork network, Func<MethodCard<CsiOptions>> finish)
    {
        ShiftViews views = Views(options);
        CsiStep step = new(network, options, views, run.Streams);
        using Optimizer optimizer = Optimizers.Create(options.Optimizer, network.named_parameters());
        int stepsPerEpoch = EpochOrder.StepsPerEpoch(run.Images.Count, 0, options.BatchSize);
        run.Train(
            TrainingPhase.Network, "network", options.Epochs, options.BatchSize,
            batch => Descent.Step(optimizer, step.Loss(batch), options.Schedule.At(batch.Step, stepsPerEpoch)));
        return ShiftDetector<CsiOptions>.Of(options, run, network, views, finish);
    }

    protected override MethodDetector<CsiOptions> Restore(MethodCard<CsiOptions> card, CobraNetwork network, ModelArchive archive, string path, Device device)
    {
        ShiftReference reference = new(
            Take(archive, "reference", "axes", path, device), Take(archive, "reference", "similarity", path, device), Take(archive, "reference", "shift", path, device));
        return new ShiftDetector<CsiOptions>(card, network, Views(card.Options), reference);
    }

    internal static ShiftViews Views(CsiOptions options) =>
        new(options, options.Shift == CsiShift.Rotation ? Turn : Exchange, "csi score");

    private static Tensor Turn(Tensor images, int turns, Generator rng) => QuarterTurn.Apply(images, full([images.size(0)], turns, dtype: ScalarType.Int64));

    /// <summary>1 exchanges left and right, 2 upper and lower, 3 both.</summary>
    private static Tensor Exchange(Tensor images, int which, Generator rng) => images.roll(
        [which / 2 * (images.size(2) / 2), which % 2 * (images.size(3) / 2)], [2, 3]);
}
