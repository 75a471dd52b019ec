using CobraAD.Networks;
using CobraAD.Networks.Residual;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Methods.DeepSvdd;

/// <summary>
/// φ: 5 × 5 convolutions, batch normalisation, leaky ReLU and 2 × 2 pooling, then a linear layer. Without any bias, and normalisation
/// without scale and shift: with them the network could map everything onto the centre (Ruff et al., propositions 2 and 3).
/// </summary>
internal sealed class LeNetEncoder : nn.Module<Tensor, Tensor>
{
    private readonly ConvolutionUnit[] units;
    private readonly Linear code;

    /// <param name="options">Widths.</param>
    /// <param name="height">Of the images.</param>
    /// <param name="width">Of the images.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public LeNetEncoder(DeepSvddOptions options, int height, int width, Generator rng)
        : base(nameof(LeNetEncoder))
    {
        units = new ConvolutionUnit[options.Channels.Count];
        for (int i = 0; i < units.Length; i++)
        {
            units[i] = BiasFreeUnit.Create(i == 0 ? 3 : options.Channels[i - 1], options.Channels[i], rng);
            register_module($"conv{i + 1}", units[i].Convolution);
            register_module($"bn{i + 1}", units[i].Normalization!);
        }

        int positions = (height >> units.Length) * (width >> units.Length);
        if (positions == 0)
            throw new ArgumentException($"Images of {width} × {height} pixels are too small for {units.Length} poolings. Use larger images or fewer entries in Channels.", nameof(options));
        code = LinearLayer.CreateWithoutBias(positions * options.Channels[^1], options.EmbeddingSize, rng);
        register_module("code", code);
    }

    /// <param name="input">Normalised images [B, 3, H, W].</param>
    /// <returns>φ [B, embedding size]; the caller disposes it.</returns>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = input;
        foreach (ConvolutionUnit unit in units) map = nn.functional.max_pool2d(nn.functional.leaky_relu(unit.Apply(map), 0.01), 2);
        return code.call(map.flatten(1)).MoveToOuterDisposeScope();
    }
}
