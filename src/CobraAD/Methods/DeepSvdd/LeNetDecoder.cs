using CobraAD.Networks.Residual;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.DeepSvdd;

/// <summary>The encoder's mirror image for the pre-training: a map of 4 × 4 from the embedding, enlarged and convolved up to the image.</summary>
internal sealed class LeNetDecoder : nn.Module<Tensor, Tensor>
{
    private const int FirstSide = 4;

    private readonly ConvolutionUnit[] units;
    private readonly TorchSharp.Modules.Conv2d image;
    private readonly (int Height, int Width) size;

    public LeNetDecoder(DeepSvddOptions options, int height, int width, Generator rng)
        : base(nameof(LeNetDecoder))
    {
        size = (height, width);
        units = new ConvolutionUnit[options.Channels.Count];
        int inputs = options.EmbeddingSize / (FirstSide * FirstSide);
        for (int i = 0; i < units.Length; i++)
        {
            int outputs = options.Channels[^(i + 1)];
            units[i] = BiasFreeUnit.Create(inputs, outputs, rng);
            register_module($"deconv{i + 1}", units[i].Convolution);
            register_module($"bn{i + 1}", units[i].Normalization!);
            inputs = outputs;
        }

        using IDisposable frozen = no_grad();
        ConvolutionUnit last = new(ConvolutionUnit.CreateConvolution(inputs, 3, kernel: 5, stride: 1, new ConvolutionForm(Folded: false, ChannelsLast: false)), null);
        last.InitializeUniform(rng);
        image = last.Convolution;
        register_module("image", image);
    }

    /// <param name="input">φ [B, embedding size].</param>
    /// <returns>Images in (0, 1), [B, 3, H, W]; the caller disposes them.</returns>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = nn.functional.leaky_relu(input.view(input.size(0), -1, FirstSide, FirstSide), 0.01);
        for (int i = 0; i < units.Length; i++)
        {
            int halvings = units.Length - 1 - i;
            Tensor filtered = nn.functional.leaky_relu(units[i].Apply(map), 0.01);
            map = nn.functional.interpolate(filtered, [size.Height >> halvings, size.Width >> halvings], mode: InterpolationMode.Nearest);
        }

        return image.call(map).sigmoid().MoveToOuterDisposeScope();
    }
}
