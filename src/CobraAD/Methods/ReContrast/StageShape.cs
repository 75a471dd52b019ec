using CobraAD.Networks.Residual;

namespace CobraAD.Methods.ReContrast;

/// <summary>What of a residual network its mirror image must know.</summary>
/// <param name="Blocks">Blocks of each stage.</param>
/// <param name="Channels">Channels of each stage's map.</param>
/// <param name="Inner">Channels inside each stage's bottlenecks; <see langword="null"/> for basic blocks.</param>
internal sealed record StageShape(IReadOnlyList<int> Blocks, IReadOnlyList<int> Channels, IReadOnlyList<int>? Inner)
{
    public static StageShape Of(ResNet network)
    {
        ResidualBlock[] last = [.. network.Stages.Select(stage => stage[^1])];
        return new StageShape(
            [.. network.Stages.Select(stage => stage.Count)],
            [.. last.Select(block => (int)block.Path[^1].Convolution.out_channels)],
            last[0].Path.Count == 3 ? [.. last.Select(block => (int)block.Path[0].Convolution.out_channels)] : null);
    }
}
