using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions.Kinds;

/// <summary>A lens out of focus: every point becomes a disc.</summary>
internal sealed class DefocusBlur : Corruption
{
    public override string Name => "defocus blur";

    public override string Parameter => "radius of the disc, of the width";

    public override IReadOnlyList<double> Levels { get; } = [0.02, 0.03, 0.04, 0.06, 0.08];

    protected override Tensor Distort(Tensor images, double level, Generator rng)
    {
        double radius = level * images.size(3);
        int reach = (int)Math.Min(Math.Ceiling(radius), Math.Min(images.size(2), images.size(3)) - 1);
        Tensor offset = arange(-reach, reach + 1, dtype: ScalarType.Float32).square();
        Tensor distance = (offset.unsqueeze(0) + offset.unsqueeze(1)).sqrt();
        // The rim is a pixel wide, so that small discs differ too.
        Tensor disc = (radius + 0.5 - distance).clamp(0, 1);
        Tensor weight = (disc / disc.sum()).reshape(1, 1, 2 * reach + 1, 2 * reach + 1).expand(3, 1, -1, -1);
        return nn.functional.conv2d(nn.functional.pad(images, [reach, reach, reach, reach], PaddingModes.Reflect), weight, groups: 3);
    }
}
