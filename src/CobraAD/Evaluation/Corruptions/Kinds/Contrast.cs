using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions.Kinds;

/// <summary>Less contrast around the image's mean.</summary>
internal sealed class Contrast : Corruption
{
    public override string Name => "contrast";

    public override string Parameter => "what is left of the contrast";

    public override IReadOnlyList<double> Levels { get; } = [0.75, 0.5, 0.4, 0.3, 0.15];

    protected override Tensor Distort(Tensor images, double level, Generator rng)
    {
        Tensor mean = images.mean([1, 2, 3], keepdim: true);
        return mean + (images - mean) * level;
    }
}
