using CobraAD.Networks.Residual;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative.Diffusion;

/// <summary>The layers of the <see cref="UNet"/>.</summary>
internal static class UNetLayer
{
    private const int ChannelsOfGroup = 4, MostGroups = 32;

    /// <summary>A convolution with a bias that keeps the size, but for the stride.</summary>
    public static Conv2d Convolution(int inputs, int outputs, int kernel, int stride, Generator rng)
    {
        using IDisposable frozen = no_grad();
        ConvolutionUnit unit = Unit(inputs, outputs, kernel, stride);
        unit.InitializeUniform(rng);
        return unit.Convolution;
    }

    /// <summary>A convolution that starts at zero, so that the path that it ends adds nothing at first.</summary>
    public static Conv2d Silent(int inputs, int outputs, int kernel)
    {
        using IDisposable frozen = no_grad();
        Conv2d convolution = Unit(inputs, outputs, kernel, 1).Convolution;
        convolution.weight.zero_();
        return convolution;
    }

    /// <summary>Group normalisation with groups of four channels, at most 32 of them.</summary>
    public static GroupNorm Norm(int channels)
    {
        int groups = Math.Min(MostGroups, channels / ChannelsOfGroup);
        while (channels % groups != 0) groups--;
        using IDisposable frozen = no_grad();
        GroupNorm norm = nn.GroupNorm(groups, channels);
        // TorchSharp 0.107 leaves both as whatever the memory held.
        norm.weight!.fill_(1);
        norm.bias!.zero_();
        return norm;
    }

    private static ConvolutionUnit Unit(int inputs, int outputs, int kernel, int stride)
    {
        // The folded form is the one with a bias.
        Conv2d convolution = ConvolutionUnit.CreateConvolution(inputs, outputs, kernel, stride, new ConvolutionForm(Folded: true, ChannelsLast: false));
        convolution.bias!.zero_();
        return new ConvolutionUnit(convolution, null);
    }
}
