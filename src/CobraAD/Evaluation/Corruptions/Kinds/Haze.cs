using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions.Kinds;

/// <summary>A bright veil of uneven thickness: dust, steam, a fogged cover.</summary>
internal sealed class Haze : Corruption
{
    private const long Cells = 4;

    public override string Name => "haze";

    public override string Parameter => "opacity of the veil";

    public override IReadOnlyList<double> Levels { get; } = [0.15, 0.25, 0.35, 0.45, 0.6];

    protected override Tensor Distort(Tensor images, double level, Generator rng)
    {
        Tensor coarse = rand([images.size(0), 1, Cells, Cells], generator: rng) * 0.4 + 0.6;
        Tensor veil = nn.functional.interpolate(coarse, size: [images.size(2), images.size(3)], mode: InterpolationMode.Bilinear, align_corners: false);
        return images * (1 - level) + veil * level;
    }
}
