using CobraAD.Transforms;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions.Kinds;

/// <summary>A soft lens or a smeared cover.</summary>
internal sealed class GaussianLensBlur : Corruption
{
    public override string Name => "gaussian blur";

    public override string Parameter => "standard deviation, of the width";

    public override IReadOnlyList<double> Levels { get; } = [0.02, 0.03, 0.04, 0.05, 0.07];

    protected override Tensor Distort(Tensor images, double level, Generator rng)
    {
        double sigma = level * images.size(3);
        int radius = (int)Math.Min(Math.Ceiling(3 * sigma), Math.Min(images.size(2), images.size(3)) - 1);
        return GaussianBlur.Apply(images, GaussianBlur.Kernel(radius, sigma));
    }
}
