using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions.Kinds;

/// <summary>Noise of a sensor in low light.</summary>
internal sealed class GaussianNoise : Corruption
{
    public override string Name => "gaussian noise";

    public override string Parameter => "standard deviation";

    public override IReadOnlyList<double> Levels { get; } = [0.04, 0.06, 0.08, 0.12, 0.18];

    protected override Tensor Distort(Tensor images, double level, Generator rng) => images + randn(images.shape, generator: rng) * level;
}
