using CobraAD.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Methods.Apae;

/// <summary>Images to codes: 3 × 3 convolutions that halve the sides, SiLU, and a linear layer. Without kinks, as <see cref="SmoothDecoder"/>.</summary>
internal sealed class SmoothEncoder : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d[] convolutions;
    private readonly Linear code;

    /// <param name="options">Widths.</param>
    /// <param name="sizes">Height and width of the images, then of the map behind each convolution.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public SmoothEncoder(ApaeOptions options, IReadOnlyList<(int Height, int Width)> sizes, Generator rng)
        : base(nameof(SmoothEncoder))
    {
        convolutions = new Conv2d[options.Channels.Count];
        for (int i = 0; i < convolutions.Length; i++)
        {
            convolutions[i] = SmoothDecoder.Convolution(i == 0 ? 3 : options.Channels[i - 1], options.Channels[i], stride: 2, rng);
            register_module($"conv{i + 1}", convolutions[i]);
        }

        code = LinearLayer.Create(options.Channels[^1] * sizes[^1].Height * sizes[^1].Width, options.CodeSize, rng);
        register_module("code", code);
    }

    /// <param name="input">Images [B, 3, H, W] in [0, 1].</param>
    /// <returns>Codes [B, code size]; the caller disposes them.</returns>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = (input - 0.5) / 0.5;
        foreach (Conv2d convolution in convolutions) map = nn.functional.silu(convolution.call(map));
        return code.call(map.flatten(1)).MoveToOuterDisposeScope();
    }
}
