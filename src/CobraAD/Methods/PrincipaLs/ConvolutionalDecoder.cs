using CobraAD.Networks.Residual;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Methods.PrincipaLs;

/// <summary>The mirror image of a <see cref="ConvolutionalEncoder"/>: enlarge, 3 × 3 convolution, batch normalisation, ReLU; a sigmoid at the end.</summary>
internal sealed class ConvolutionalDecoder : nn.Module<Tensor, Tensor>
{
    private readonly ConvolutionUnit[] units;
    private readonly Conv2d image;
    private readonly (int Height, int Width) size;

    /// <param name="channels">Of each block of the encoder.</param>
    /// <param name="height">Of the images.</param>
    /// <param name="width">Of the images.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public ConvolutionalDecoder(IReadOnlyList<int> channels, int height, int width, Generator rng)
        : base(nameof(ConvolutionalDecoder))
    {
        using IDisposable frozen = no_grad();
        ConvolutionForm form = new(Folded: false, ChannelsLast: false);
        size = (height, width);
        units = new ConvolutionUnit[channels.Count];
        for (int i = 0; i < units.Length; i++)
        {
            int inputs = channels[^(i + 1)];
            units[i] = ConvolutionUnit.Create(inputs, i == units.Length - 1 ? inputs : channels[^(i + 2)], 3, 1, form);
            units[i].InitializeUniform(rng);
            register_module($"conv{i + 1}", units[i].Convolution);
            register_module($"bn{i + 1}", units[i].Normalization!);
        }

        ConvolutionUnit last = new(ConvolutionUnit.CreateConvolution(channels[0], 3, 3, 1, form), null);
        last.InitializeUniform(rng);
        image = last.Convolution;
        register_module("image", image);
    }

    /// <param name="input">A map of the encoder's shape.</param>
    /// <returns>Images in (0, 1), [B, 3, H, W]; the caller disposes them.</returns>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = input;
        for (int i = 0; i < units.Length; i++)
        {
            int halvings = units.Length - 1 - i;
            map = units[i].Apply(nn.functional.interpolate(map, [size.Height >> halvings, size.Width >> halvings], mode: InterpolationMode.Nearest)).relu_();
        }

        return image.call(map).sigmoid().MoveToOuterDisposeScope();
    }
}
