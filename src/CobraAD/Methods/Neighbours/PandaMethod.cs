using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Optimization;
using CobraAD.Training;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace CobraAD.Methods.Neighbours;

/// <summary>
/// PANDA: the last two stages of the backbone are trained to bring the features to their former mean c, min mean ‖φ(x) - c‖²/dim, for
/// so few steps that they do not collapse, or held by elastic weights. Normalisation statistics stay as they are.
/// Formulas, presets and departures from the original: docs/reference/methods/panda.md.
/// </summary>
internal sealed class PandaMethod() : NeighbourMethod<PandaOptions>(NeighbourScore.Squared)
{
    public override string Name => "panda";

    public override string Title => "PANDA (Reiss et al. 2021)";

    public override IReadOnlyList<string> Presets => ["default", "ewc", "tiny"];

    protected override string NameOf(PandaOptions options) => options.ElasticWeight > 0 ? "PANDA-EWC" : "PANDA";

    protected override PandaOptions OptionsOf(string preset, int imageSize) => preset switch
    {
        // The Fisher matrix needs the backbone's classifier, which the package does not have.
        "ewc" => new PandaOptions { Preset = preset, Epochs = 50, ElasticWeight = 1e4, Backbone = BackboneOptions.ImageNet(ResNetVariant.ResNet152) },
        "tiny" => new PandaOptions { Preset = preset, Epochs = 2, Backbone = TinyBackbone },
        _ => new PandaOptions(),
    };

    protected override bool Adapt(PandaOptions options, TrainingLoop run, Backbone backbone)
    {
        (string Name, Parameter Parameter)[] parameters = [.. backbone.Network.LateParameters()];
        using Tensor centre = run.ForAll(backbone.Features).mean([0], keepdim: true).DetachFromDisposeScope();
        using ElasticWeights? elastic = options.ElasticWeight > 0 ? ElasticWeights.Measure(backbone, run, options.FisherImages, [.. parameters.Select(entry => entry.Parameter)]) : null;
        using Optimizer optimizer = Optimizers.Create(new OptimizerOptions { Name = "sgd", Momentum = options.Momentum, WeightDecay = options.WeightDecay }, parameters);
        run.Train(TrainingPhase.Network, "adaptation", options.Epochs, options.BatchSize, batch =>
        {
            Tensor loss = (backbone.Features(batch.Images) - centre).square().mean();
            if (elastic is not null) loss = loss + options.ElasticWeight / 2 * elastic.Penalty();
            return Descent.Step(optimizer, loss, options.LearningRate, options.GradientLimit);
        });
        return true;
    }
}
