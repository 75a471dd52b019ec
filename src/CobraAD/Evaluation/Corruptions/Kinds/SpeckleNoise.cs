using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions.Kinds;

/// <summary>Noise that grows with brightness, as under coherent light.</summary>
internal sealed class SpeckleNoise : Corruption
{
    public override string Name => "speckle noise";

    public override string Parameter => "standard deviation relative to the value";

    public override IReadOnlyList<double> Levels { get; } = [0.1, 0.15, 0.2, 0.3, 0.4];

    protected override Tensor Distort(Tensor images, double level, Generator rng) => images + images * randn(images.shape, generator: rng) * level;
}
