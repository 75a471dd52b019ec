using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions.Kinds;

/// <summary>Dead and hot pixels.</summary>
internal sealed class ImpulseNoise : Corruption
{
    public override string Name => "impulse noise";

    public override string Parameter => "share of values that turn black or white";

    public override IReadOnlyList<double> Levels { get; } = [0.01, 0.03, 0.06, 0.1, 0.17];

    protected override Tensor Distort(Tensor images, double level, Generator rng)
    {
        Tensor draw = rand(images.shape, generator: rng);
        return where(draw.lt(level / 2), 0f, where(draw.gt(1 - level / 2), 1f, images));
    }
}
