using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Networks.Residual;

/// <summary>A convolution and the batch normalisation behind it; a folded unit has a bias instead of the normalisation.</summary>
internal sealed record ConvolutionUnit(Conv2d Convolution, BatchNorm2d? Normalization)
{
    /// <summary>
    /// A unit that keeps the size of its input, but for the stride; its convolution has no values yet. It is made on the meta
    /// device, where the framework's own initialisation neither takes time nor draws from the global generator.
    /// </summary>
    /// <param name="inputs">Channels of its input, of all groups together.</param>
    /// <param name="outputs">Channels of its output, of all groups together.</param>
    /// <param name="kernel">Side of its window; odd.</param>
    /// <param name="stride">Pixels from one window to the next.</param>
    /// <param name="form">Whether it is folded, and how its weights lie in memory.</param>
    public static ConvolutionUnit Create(int inputs, int outputs, int kernel, int stride, ConvolutionForm form) =>
        new(CreateConvolution(inputs, outputs, kernel, stride, form), form.Folded ? null : nn.BatchNorm2d(outputs));

    /// <summary>The convolution of a unit, for one with another normalisation or none.</summary>
    /// <inheritdoc cref="Create"/>
    public static Conv2d CreateConvolution(int inputs, int outputs, int kernel, int stride, ConvolutionForm form)
    {
        Conv2d convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding: kernel / 2, groups: form.Groups, bias: false, device: new Device(DeviceType.META));
        int seen = inputs / form.Groups;
        convolution.weight = new Parameter(form.ChannelsLast ? empty(outputs, kernel, kernel, seen).permute(0, 3, 1, 2) : empty(outputs, seen, kernel, kernel));
        // The framework's constructor leaks one tensor for a bias of its own making.
        if (form.Folded) convolution.bias = new Parameter(empty(outputs));
        return convolution;
    }

    /// <summary>Height and width of the output for an input of a height and width.</summary>
    public (int Height, int Width) OutputSize(int height, int width)
    {
        (long kernel, long stride, long padding) = (Convolution.kernel_size[0], Convolution.stride[0], Convolution.padding![0]);
        return (Along(height), Along(width));

        int Along(int size) => (int)((size + 2 * padding - kernel) / stride) + 1;
    }

    public Tensor Apply(Tensor input)
    {
        Tensor convolved = Convolution.call(input);
        return Normalization is null ? convolved : Normalization.call(convolved);
    }

    /// <summary>The framework's default: U(-1/√fan_in, 1/√fan_in).</summary>
    public void InitializeUniform(Generator rng)
    {
        double bound = 1 / Math.Sqrt(Convolution.weight.numel() / Convolution.out_channels);
        Convolution.weight.uniform_(-bound, bound, rng);
    }

    /// <summary>He et al. (2015), fan-out: N(0, 2/fan_out), which keeps the variance of the gradient through ReLUs.</summary>
    public void InitializeKaiming(Generator rng)
    {
        double deviation = Math.Sqrt(2.0 * Convolution.in_channels / Convolution.weight.numel());
        Convolution.weight.normal_(0, deviation, rng);
    }

    /// <summary>A folded copy of this unit in evaluation mode; the caller disposes its convolution.</summary>
    public ConvolutionUnit Fold()
    {
        using IDisposable frozen = no_grad();
        Conv2d own = Convolution;
        ConvolutionUnit folded = Create((int)own.in_channels, (int)own.out_channels, (int)own.kernel_size[0], (int)own.stride[0], new ConvolutionForm(Folded: true, ChannelsLast: false, (int)own.groups));
        folded.Convolution.to(own.weight.device);
        FoldInto(folded);
        return folded;
    }

    /// <summary>
    /// Writes this unit in evaluation mode into a folded one: γ(w∗x - μ)/√(σ² + ε) + β = (γ/√(σ² + ε))w ∗ x + (β - μγ/√(σ² + ε)).
    /// In double precision, so that folding itself adds nothing to the rounding of the network's own type.
    /// </summary>
    public void FoldInto(ConvolutionUnit target)
    {
        using DisposeScope scope = NewDisposeScope();
        BatchNorm2d norm = Normalization ?? throw new InvalidOperationException("The network is already folded; fold the original.");
        Tensor scale = norm.weight!.to(float64) / (norm.running_var!.to(float64) + norm.eps).sqrt();

        target.Convolution.weight.copy_(Convolution.weight.to(float64) * scale.view(-1, 1, 1, 1));
        target.Convolution.bias!.copy_(norm.bias!.to(float64) - norm.running_mean!.to(float64) * scale);
    }
}
