using CobraAD.Networks.Residual;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Draem;

/// <summary>Two times 3 × 3 convolution, batch normalisation, ReLU.</summary>
internal sealed class ConvolutionPair : nn.Module<Tensor, Tensor>
{
    private readonly ConvolutionUnit[] units;

    public ConvolutionPair(int inputs, int middle, int outputs, Generator rng)
        : base(nameof(ConvolutionPair))
    {
        units = [DraemLayer.Normalized(inputs, middle, rng), DraemLayer.Normalized(middle, outputs, rng)];
        for (int i = 0; i < units.Length; i++)
        {
            register_module($"conv{i + 1}", units[i].Convolution);
            register_module($"bn{i + 1}", units[i].Normalization!);
        }
    }

    /// <summary>Both convolutions, a ReLU behind each.</summary>
    internal IReadOnlyList<ConvolutionUnit> Units => units;

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return units.Aggregate(input, (map, unit) => unit.Apply(map).relu_()).MoveToOuterDisposeScope();
    }
}
