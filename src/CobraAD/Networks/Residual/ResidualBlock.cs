using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Networks.Residual;

/// <summary>
/// ReLU(path(x) + shortcut(x)), He et al. (2016). The basic path is 3×3, 3×3; the bottleneck is 1×1, 3×3, 1×1 with four times the
/// channels at its end. The stride sits on the first 3×3 convolution, as in torchvision.
/// </summary>
internal sealed class ResidualBlock : nn.Module<Tensor, Tensor>
{
    private readonly ConvolutionUnit[] path;
    private readonly ConvolutionUnit? shortcut;

    private ResidualBlock(ConvolutionUnit[] path, ConvolutionUnit? shortcut)
        : base(nameof(ResidualBlock))
    {
        this.path = path;
        this.shortcut = shortcut;

        // Names are torchvision's, given explicitly: they are the keys of saved weights.
        for (int i = 0; i < path.Length; i++)
        {
            register_module($"conv{i + 1}", path[i].Convolution);
            if (path[i].Normalization is { } norm) register_module($"bn{i + 1}", norm);
        }

        if (shortcut is null) return;
        register_module("downsample", shortcut.Normalization is { } last ? nn.Sequential(shortcut.Convolution, last) : nn.Sequential(shortcut.Convolution));
    }

    /// <summary>The convolutions of the path; a ReLU stands between each two.</summary>
    public IReadOnlyList<ConvolutionUnit> Path => path;

    /// <summary>The convolution beside the path; none when the input itself is added.</summary>
    public ConvolutionUnit? Projection => shortcut;

    public IEnumerable<ConvolutionUnit> Units => shortcut is null ? path : path.Append(shortcut);

    public static ResidualBlock Basic(int inputs, int outputs, int stride, ConvolutionForm form) => new(
        [
            ConvolutionUnit.Create(inputs, outputs, 3, stride, form),
            ConvolutionUnit.Create(outputs, outputs, 3, 1, form),
        ],
        Shortcut(inputs, outputs, stride, form));

    public static ResidualBlock Bottleneck(int inputs, int middle, int outputs, int stride, ConvolutionForm form) => new(
        [
            ConvolutionUnit.Create(inputs, middle, 1, 1, form),
            ConvolutionUnit.Create(middle, middle, 3, stride, form),
            ConvolutionUnit.Create(middle, outputs, 1, 1, form),
        ],
        Shortcut(inputs, outputs, stride, form));

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = input;
        foreach (ConvolutionUnit unit in path[..^1]) x = unit.Apply(x).relu_();
        Tensor residual = path[^1].Apply(x);
        return residual.add_(shortcut is null ? input : shortcut.Apply(input)).relu_().MoveToOuterDisposeScope();
    }

    private static ConvolutionUnit? Shortcut(int inputs, int outputs, int stride, ConvolutionForm form) =>
        stride == 1 && inputs == outputs ? null : ConvolutionUnit.Create(inputs, outputs, 1, stride, form);
}
