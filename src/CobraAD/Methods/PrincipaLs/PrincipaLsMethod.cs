using CobraAD.Methods.Common;
using CobraAD.Optimization;
using CobraAD.Serialization.Archive;
using CobraAD.Training;
using CobraAD.Training.Adversarial;
using static TorchSharp.torch;

namespace CobraAD.Methods.PrincipaLs;

/// <summary>
/// PrincipaLS: the autoencoder is trained on images attacked to raise their reconstruction error, min ‖x̂(x + δ) - x‖², while the two
/// principal component analyses of its latent follow the attacked latents.
/// Formulas, presets and departures from the original: docs/reference/methods/principals.md.
/// </summary>
internal sealed class PrincipaLsMethod : NetworkMethod<PrincipaLsOptions, PrincipaLsNetwork>
{
    public override string Name => "principals";

    public override string Title => "PrincipaLS (Lo et al. 2022)";

    protected override string NameOf(PrincipaLsOptions options) => options.Attack is null ? "PrincipaLS, trained without attack" : "PrincipaLS";

    protected override PrincipaLsOptions OptionsOf(string preset, int imageSize)
    {
        InnerMaximizationOptions attack = new() { Epsilon = (imageSize <= 64 ? 4 : 2) / 255.0, Steps = 5 };
        return preset == "tiny"
            ? new PrincipaLsOptions { Preset = preset, Channels = [8, 16], Epochs = 8, BatchSize = 32, LearningRate = 3e-3, Attack = attack with { Steps = 2 } }
            : new PrincipaLsOptions { Attack = attack };
    }

    protected override PrincipaLsNetwork Create(PrincipaLsOptions options, int height, int width, Generator rng) => new(options, height, width, rng);

    protected override MethodDetector<PrincipaLsOptions> Fit(PrincipaLsOptions options, TrainingLoop run, PrincipaLsNetwork network, Func<MethodCard<PrincipaLsOptions>> finish)
    {
        using Optimizer optimizer = Optimizers.Create(new OptimizerOptions { Name = "adam", WeightDecay = 0 }, network.named_parameters());
        InnerMaximization? attack = options.Attack is null ? null : new InnerMaximization(options.Attack);
        run.Train(TrainingPhase.Network, "autoencoder", options.Epochs, options.BatchSize, batch =>
        {
            Tensor attacked = attack is null ? batch.Images : Attack(network, attack, batch, run);
            network.train();
            Tensor latent = network.Encode(attacked);
            network.Follow(latent, options.AveragingRate);
            return Descent.Step(optimizer, (network.Decode(latent) - batch.Images).square().mean(), options.LearningRate);
        });
        return new PrincipaLsDetector(finish(), network);
    }

    protected override MethodDetector<PrincipaLsOptions> Restore(MethodCard<PrincipaLsOptions> card, PrincipaLsNetwork network, ModelArchive archive, string path, Device device) =>
        new PrincipaLsDetector(card, network);

    /// <summary>In evaluation mode, so that the attack does not move the normalisations' statistics.</summary>
    private static Tensor Attack(PrincipaLsNetwork network, InnerMaximization attack, EpochBatch batch, TrainingLoop run)
    {
        using Generator rng = run.Streams.Create("attack", batch.Step);
        network.eval();
        return attack.Climb(batch.Images, images => PrincipaLsDetector.Error(network, images), rng, measureEnd: false).Images;
    }
}
