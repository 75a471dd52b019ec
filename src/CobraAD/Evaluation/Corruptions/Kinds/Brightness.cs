using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions.Kinds;

/// <summary>More light than in training.</summary>
internal sealed class Brightness : Corruption
{
    public override string Name => "brightness";

    public override string Parameter => "added to every value";

    public override IReadOnlyList<double> Levels { get; } = [0.1, 0.2, 0.3, 0.4, 0.5];

    protected override Tensor Distort(Tensor images, double level, Generator rng) => images + level;
}
