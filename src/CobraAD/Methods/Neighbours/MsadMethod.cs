using CobraAD.Losses;
using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Optimization;
using CobraAD.Training;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Neighbours;

/// <summary>
/// MSAD: θ(x) = (z - c)/‖z - c‖ with z = φ(x)/‖φ(x)‖ and c the mean of z over the training images; NT-Xent on θ of two views of each
/// image, and with "angular" ‖z - c‖² of both views on top. The score is on z, not on θ.
/// Formulas, presets and departures from the original: docs/reference/methods/msad.md.
/// </summary>
internal sealed class MsadMethod() : NeighbourMethod<MsadOptions>(NeighbourScore.SquaredOnSphere)
{
    private static readonly LightAugmentationOptions Views = new() { MinCropArea = 0.2 };

    public override string Name => "msad";

    public override string Title => "MSAD, mean-shifted contrastive (Reiss and Hoshen 2021)";

    protected override string NameOf(MsadOptions options) => "MSAD";

    protected override MsadOptions OptionsOf(string preset, int imageSize) => preset == "tiny"
        ? new MsadOptions { Preset = preset, Backbone = TinyBackbone, Epochs = 1, BatchSize = 32 }
        : new MsadOptions();

    protected override bool Adapt(MsadOptions options, TrainingLoop run, Backbone backbone)
    {
        using Tensor centre = Centre(run, backbone, options.Angular);
        // The original leaves the first two stages of a ResNet-152 as they are, and nothing of a ResNet-18.
        bool isDeep = backbone.Network is not ResNet { Options.Variant: ResNetVariant.ResNet18 or ResNetVariant.ResNet20 };
        using Optimizer optimizer = Optimizers.Create(
            new OptimizerOptions { Name = "sgd", Momentum = 0, WeightDecay = options.WeightDecay }, isDeep ? backbone.Network.LateParameters() : backbone.Network.named_parameters());
        LightAugmentation light = new(Views);
        RandomBlur blur = new();
        run.Train(TrainingPhase.Network, "adaptation", options.Epochs, options.BatchSize, batch =>
        {
            using Generator rng = run.Streams.Create("views", batch.Step);
            Tensor first = blur.Apply(light.Apply(batch.Images, rng), rng);
            Tensor second = blur.Apply(light.Apply(batch.Images, rng), rng);
            Tensor features = UnitLength.Of(backbone.Features(cat([first, second])));
            Tensor loss = NtXent(UnitLength.Of(features - centre), options.Temperature);
            // Both views' means, so twice the mean over all rows.
            if (options.Angular) loss = loss + 2 * (features - centre).square().sum([1]).mean();
            return Descent.Step(optimizer, loss, options.LearningRate);
        });
        return true;
    }

    private static Tensor Centre(TrainingLoop run, Backbone backbone, bool onSphere)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mean = run.ForAll(images => NeighbourDetector<MsadOptions>.Features(backbone, images, NeighbourScore.SquaredOnSphere)).mean([0], keepdim: true);
        return (onSphere ? UnitLength.Of(mean) : mean).MoveToOuterDisposeScope();
    }

    /// <summary>Rows i and i + B are views of one image; all other rows are its negatives.</summary>
    private static Tensor NtXent(Tensor unit, double temperature)
    {
        long rows = unit.size(0);
        Tensor similarity = unit.mm(unit.t()) / temperature;
        Tensor masked = similarity.masked_fill(eye(rows, dtype: ScalarType.Bool, device: unit.device), double.NegativeInfinity);
        Tensor partner = (arange(rows, device: unit.device) + rows / 2).remainder(rows);
        return nn.functional.cross_entropy(masked, partner);
    }
}
