using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions.Kinds;

/// <summary>Noise of counting few photons.</summary>
internal sealed class ShotNoise : Corruption
{
    public override string Name => "shot noise";

    public override string Parameter => "photons of a white pixel";

    public override IReadOnlyList<double> Levels { get; } = [500, 250, 100, 60, 30];

    protected override Tensor Distort(Tensor images, double level, Generator rng) => poisson(images * level, rng) / level;
}
