using CobraAD.Transforms;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions.Kinds;

/// <summary>A part that comes nearer during the exposure.</summary>
internal sealed class ZoomBlur : Corruption
{
    private const int Samples = 11;

    public override string Name => "zoom blur";

    public override string Parameter => "largest magnification";

    public override IReadOnlyList<double> Levels { get; } = [1.06, 1.11, 1.16, 1.21, 1.31];

    protected override Tensor Distort(Tensor images, double level, Generator rng)
    {
        Tensor centre = zeros(1, ScalarType.Float64);
        return Enumerable.Range(0, Samples)
            .Select(i => tensor([1 / (1 + (level - 1) * i / (Samples - 1))], ScalarType.Float64))
            .Select(window => Resampling.Crop(images, window, window, centre, centre))
            .Aggregate((sum, zoomed) => sum + zoomed) / Samples;
    }
}
