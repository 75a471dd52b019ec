using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions;

/// <summary>A lower resolution, enlarged without smoothing.</summary>
internal sealed class Pixelation : Corruption
{
    public override string Name => "pixelation";

    public override string Parameter => "what is left of each side";

    public override IReadOnlyList<double> Levels { get; } = [0.75, 0.5, 0.4, 0.3, 0.2];

    private protected override Tensor Distort(Tensor images, double level, Generator rng)
    {
        long height = images.size(2), width = images.size(3);
        long[] small = [Math.Max(1, (long)Math.Round(level * height)), Math.Max(1, (long)Math.Round(level * width))];
        Tensor reduced = nn.functional.adaptive_avg_pool2d(images, small);
        return nn.functional.interpolate(reduced, size: [height, width], mode: InterpolationMode.Nearest);
    }
}
