using CobraAD.Transforms;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions.Kinds;

/// <summary>A part that moves during the exposure, in a random direction.</summary>
internal sealed class MotionBlur : Corruption
{
    private const int Samples = 15;

    public override string Name => "motion blur";

    public override string Parameter => "length of the path, of the width";

    public override IReadOnlyList<double> Levels { get; } = [0.06, 0.09, 0.12, 0.18, 0.25];

    protected override Tensor Distort(Tensor images, double level, Generator rng)
    {
        Tensor angle = RandomDraw.Uniform(rng, images.size(0), 0, 2 * Math.PI);
        Tensor one = ones(1, ScalarType.Float64), zero = zeros(1, ScalarType.Float64);
        // Coordinates run over a length of 2.
        return Enumerable.Range(0, Samples)
            .Select(i => 2 * level * (i / (Samples - 1.0) - 0.5))
            .Select(shift => Resampling.Affine(images, one, zero, angle.cos() * shift, zero, one, angle.sin() * shift))
            .Aggregate((sum, shifted) => sum + shifted) / Samples;
    }
}
