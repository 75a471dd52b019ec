using CobraAD.Networks;
using CobraAD.Networks.Residual;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Methods.Apae;

/// <summary>
/// Codes to images: a linear layer, then enlarge, 3 × 3 convolution and SiLU, and a sigmoid at the end. A descent to its best code follows its
/// gradient; with ReLUs that gradient, and so the end of the descent, would jump from one image to the next, and no derivative would see it.
/// </summary>
internal sealed class SmoothDecoder : nn.Module<Tensor, Tensor>
{
    private readonly IReadOnlyList<(int Height, int Width)> sizes;
    private readonly Linear code;
    private readonly Conv2d[] convolutions;
    private readonly Conv2d image;

    /// <param name="options">Widths.</param>
    /// <param name="sizes">Height and width of the images, then of the encoder's map behind each convolution.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public SmoothDecoder(ApaeOptions options, IReadOnlyList<(int Height, int Width)> sizes, Generator rng)
        : base(nameof(SmoothDecoder))
    {
        this.sizes = sizes;
        code = LinearLayer.Create(options.CodeSize, options.Channels[^1] * sizes[^1].Height * sizes[^1].Width, rng);
        register_module("code", code);
        convolutions = new Conv2d[options.Channels.Count];
        for (int i = 0; i < convolutions.Length; i++)
        {
            int inputs = options.Channels[^(i + 1)];
            convolutions[i] = Convolution(inputs, i == convolutions.Length - 1 ? inputs : options.Channels[^(i + 2)], stride: 1, rng);
            register_module($"conv{i + 1}", convolutions[i]);
        }

        image = Convolution(options.Channels[0], 3, stride: 1, rng);
        register_module("image", image);
    }

    /// <param name="input">Codes [B, code size].</param>
    /// <returns>Images in (0, 1), [B, 3, H, W]; the caller disposes them.</returns>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = nn.functional.silu(Grid(code.call(input)));
        for (int i = 0; i < convolutions.Length; i++) map = nn.functional.silu(convolutions[i].call(Enlarge(map, i)));
        return image.call(map).sigmoid().MoveToOuterDisposeScope();
    }

    /// <summary>Images D(z), and their derivative J(z) v along a direction of the codes; both are part of the caller's graph.</summary>
    /// <param name="codes">z, [B, code size].</param>
    /// <param name="direction">v, [B, code size].</param>
    /// <returns>Two tensors [B, 3, H, W]; the caller disposes them.</returns>
    public (Tensor Images, Tensor Slope) Along(Tensor codes, Tensor direction)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor map, Tensor slope) = SiLU(Grid(code.call(codes)), Grid(nn.functional.linear(direction, code.weight!)));
        for (int i = 0; i < convolutions.Length; i++)
            (map, slope) = SiLU(convolutions[i].call(Enlarge(map, i)), Unbiased(convolutions[i], Enlarge(slope, i)));
        Tensor images = image.call(map).sigmoid();
        Tensor change = Unbiased(image, slope) * images * (1 - images);
        return (images.MoveToOuterDisposeScope(), change.MoveToOuterDisposeScope());
    }

    /// <summary>A 3 × 3 convolution with biases of zero and the framework's default weights.</summary>
    internal static Conv2d Convolution(int inputs, int outputs, int stride, Generator rng)
    {
        using IDisposable frozen = no_grad();
        ConvolutionUnit unit = new(ConvolutionUnit.CreateConvolution(inputs, outputs, 3, stride, new ConvolutionForm(Folded: true, ChannelsLast: false)), null);
        unit.InitializeUniform(rng);
        unit.Convolution.bias!.zero_();
        return unit.Convolution;
    }

    /// <summary>SiLU(a) = a σ(a), and SiLU'(a) ȧ with SiLU'(a) = σ(a) (1 + a (1 - σ(a))).</summary>
    private static (Tensor Value, Tensor Slope) SiLU(Tensor value, Tensor slope)
    {
        Tensor share = value.sigmoid();
        return (value * share, slope * (share * (1 + value * (1 - share))));
    }

    private static Tensor Unbiased(Conv2d convolution, Tensor slope) => nn.functional.conv2d(slope, convolution.weight!, padding: [1, 1]);

    private Tensor Grid(Tensor rows) => rows.view(rows.size(0), -1, sizes[^1].Height, sizes[^1].Width);

    private Tensor Enlarge(Tensor map, int level)
    {
        (int height, int width) = sizes[^(level + 2)];
        return nn.functional.interpolate(map, [height, width], mode: InterpolationMode.Nearest);
    }
}
