using CobraAD.Transforms.Hard;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions.Kinds;

/// <summary>A part or a lens that is bent a little.</summary>
internal sealed class ElasticWarp : Corruption
{
    public override string Name => "elastic";

    public override string Parameter => "root mean square displacement, of the width";

    public override IReadOnlyList<double> Levels { get; } = [0.01, 0.015, 0.02, 0.03, 0.045];

    protected override Tensor Distort(Tensor images, double level, Generator rng) =>
        new Elastic { Displacement = level }.Apply(images, rng);
}
