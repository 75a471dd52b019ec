using CobraAD.Networks.Residual;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.PrincipaLs;

/// <summary>Blocks of 3 × 3 convolution, batch normalisation, ReLU and a 2 × 2 pooling: images to a map.</summary>
internal sealed class ConvolutionalEncoder : nn.Module<Tensor, Tensor>
{
    private readonly ConvolutionUnit[] units;

    /// <param name="channels">Of each block.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public ConvolutionalEncoder(IReadOnlyList<int> channels, Generator rng)
        : base(nameof(ConvolutionalEncoder))
    {
        using IDisposable frozen = no_grad();
        units = new ConvolutionUnit[channels.Count];
        for (int i = 0; i < units.Length; i++)
        {
            units[i] = ConvolutionUnit.Create(i == 0 ? 3 : channels[i - 1], channels[i], 3, 1, new ConvolutionForm(Folded: false, ChannelsLast: false));
            units[i].InitializeUniform(rng);
            register_module($"conv{i + 1}", units[i].Convolution);
            register_module($"bn{i + 1}", units[i].Normalization!);
        }
    }

    /// <param name="input">Images [B, 3, H, W] in [0, 1].</param>
    /// <returns>[B, last channels, H / 2ⁿ, W / 2ⁿ]; the caller disposes it.</returns>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = (input - 0.5) / 0.5;
        foreach (ConvolutionUnit unit in units) map = nn.functional.max_pool2d(unit.Apply(map).relu_(), 2);
        return map.MoveToOuterDisposeScope();
    }
}
