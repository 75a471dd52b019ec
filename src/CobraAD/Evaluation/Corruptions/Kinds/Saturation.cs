using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions.Kinds;

/// <summary>Faded colours; grey images stay as they are.</summary>
internal sealed class Saturation : Corruption
{
    public override string Name => "saturation";

    public override string Parameter => "what is left of the colour";

    public override IReadOnlyList<double> Levels { get; } = [0.7, 0.5, 0.3, 0.15, 0];

    protected override Tensor Distort(Tensor images, double level, Generator rng)
    {
        Tensor grey = (images * tensor([0.299f, 0.587f, 0.114f]).reshape(1, 3, 1, 1)).sum([1L], keepdim: true);
        return grey + (images - grey) * level;
    }
}
