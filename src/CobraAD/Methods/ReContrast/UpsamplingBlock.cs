using CobraAD.Networks.Residual;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Methods.ReContrast;

/// <summary>
/// The first block of a decoder's stage: a <see cref="ResidualBlock"/> whose strided convolution, and the one beside it, are 2 × 2
/// transposed convolutions, so that both sides of the map double.
/// </summary>
internal sealed class UpsamplingBlock : nn.Module<Tensor, Tensor>
{
    private readonly ConvolutionUnit? narrowing;
    private readonly ConvTranspose2d doubling;
    private readonly BatchNorm2d norm;
    private readonly ConvolutionUnit last;
    private readonly ConvTranspose2d shortcut;
    private readonly BatchNorm2d shortcutNorm;

    /// <param name="inputs">Channels of the input.</param>
    /// <param name="inner">Channels inside a bottleneck (1 × 1, doubling, 1 × 1); 0 for a basic block (doubling, 3 × 3).</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public UpsamplingBlock(int inputs, int inner, int outputs, Generator rng)
        : base(nameof(UpsamplingBlock))
    {
        using IDisposable frozen = no_grad();
        ConvolutionForm form = new(Folded: false, ChannelsLast: false);
        int middle = inner == 0 ? outputs : inner;
        if (inner > 0)
        {
            narrowing = ConvolutionUnit.Create(inputs, inner, 1, 1, form);
            narrowing.InitializeKaiming(rng);
            register_module("conv1", narrowing.Convolution);
            register_module("bn1", narrowing.Normalization!);
        }

        doubling = Fresh(inner == 0 ? inputs : inner, middle, rng);
        norm = nn.BatchNorm2d(middle);
        last = ConvolutionUnit.Create(middle, outputs, inner == 0 ? 3 : 1, 1, form);
        last.InitializeKaiming(rng);
        shortcut = Fresh(inputs, outputs, rng);
        shortcutNorm = nn.BatchNorm2d(outputs);
        register_module("doubling", doubling);
        register_module("bn2", norm);
        register_module("conv3", last.Convolution);
        register_module("bn3", last.Normalization!);
        register_module("upsample", nn.Sequential(shortcut, shortcutNorm));
    }

    /// <summary>The 1 × 1 convolution at the start of a bottleneck; none in a basic block.</summary>
    internal ConvolutionUnit? Narrowing => narrowing;

    /// <summary>The transposed convolution of the path, and its normalisation.</summary>
    internal (ConvTranspose2d Convolution, BatchNorm2d Normalization) Doubling => (doubling, norm);

    /// <summary>The last convolution of the path.</summary>
    internal ConvolutionUnit Last => last;

    /// <summary>The transposed convolution beside the path, and its normalisation.</summary>
    internal (ConvTranspose2d Convolution, BatchNorm2d Normalization) Shortcut => (shortcut, shortcutNorm);

    /// <param name="input">[B, inputs, h, w].</param>
    /// <returns>[B, outputs, 2h, 2w]; the caller disposes it.</returns>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = narrowing is null ? input : narrowing.Apply(input).relu_();
        map = norm.call(doubling.call(map)).relu_();
        return last.Apply(map).add_(shortcutNorm.call(shortcut.call(input))).relu_().MoveToOuterDisposeScope();
    }

    /// <summary>Weights from N(0, 2/fan_in): every output pixel sees one input pixel, so that the variance of the map is kept.</summary>
    private static ConvTranspose2d Fresh(int inputs, int outputs, Generator rng)
    {
        // On the meta device the framework's own initialisation neither takes time nor draws from the global generator.
        ConvTranspose2d layer = nn.ConvTranspose2d(inputs, outputs, 2, stride: 2, bias: false, device: new Device(DeviceType.META));
        layer.weight = new Parameter(empty(inputs, outputs, 2, 2).normal_(0, Math.Sqrt(2.0 / inputs), rng));
        return layer;
    }
}
