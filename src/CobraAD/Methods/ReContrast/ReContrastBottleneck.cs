using CobraAD.Networks.Residual;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.ReContrast;

/// <summary>
/// Three maps to one: 3 × 3 convolutions with stride 2 bring the finer two to the size of the third, and a residual stage with stride 2
/// follows. What it cannot hold the decoder cannot restore.
/// </summary>
internal sealed class ReContrastBottleneck : nn.Module
{
    private readonly ConvolutionUnit[] units;
    private readonly ResidualBlock[] stage;

    /// <param name="shape">Of the encoder.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public ReContrastBottleneck(StageShape shape, Generator rng)
        : base(nameof(ReContrastBottleneck))
    {
        ConvolutionForm form = new(Folded: false, ChannelsLast: false);
        (int first, int second, int third) = (shape.Channels[0], shape.Channels[1], shape.Channels[2]);
        units =
        [
            ConvolutionUnit.Create(first, second, 3, 2, form),
            ConvolutionUnit.Create(second, third, 3, 2, form),
            ConvolutionUnit.Create(second, third, 3, 2, form),
        ];
        int outputs = 2 * third;
        stage = [.. Enumerable.Range(0, shape.Blocks[0]).Select(i => Block(i == 0 ? 3 * third : outputs, i == 0 ? 2 : 1))];
        for (int i = 0; i < units.Length; i++)
        {
            register_module($"conv{i + 1}", units[i].Convolution);
            register_module($"bn{i + 1}", units[i].Normalization!);
        }

        register_module("stage", nn.Sequential(stage));
        using IDisposable frozen = no_grad();
        foreach (ConvolutionUnit unit in units.Concat(stage.SelectMany(block => block.Units))) unit.InitializeKaiming(rng);

        ResidualBlock Block(int inputs, int stride) => shape.Inner is { } inner
            ? ResidualBlock.Bottleneck(inputs, 2 * inner[2], outputs, stride, form)
            : ResidualBlock.Basic(inputs, outputs, stride, form);
    }

    /// <summary>Two that follow each other over the first map, and one over the second; a ReLU behind each.</summary>
    internal IReadOnlyList<ConvolutionUnit> Units => units;

    /// <summary>The blocks that follow, over all three maps together.</summary>
    internal IReadOnlyList<ResidualBlock> Stage => stage;

    /// <summary>The code of three maps; the caller disposes it.</summary>
    /// <param name="maps">[B, C₁, 4h, 4w], [B, C₂, 2h, 2w] and [B, C₃, h, w].</param>
    /// <returns>[B, 2 C₃, h/2, w/2].</returns>
    public Tensor Code(IReadOnlyList<Tensor> maps)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor first = units[1].Apply(units[0].Apply(maps[0]).relu_()).relu_();
        Tensor second = units[2].Apply(maps[1]).relu_();
        return stage.Aggregate(cat([first, second, maps[2]], 1), (map, block) => block.call(map)).MoveToOuterDisposeScope();
    }
}
