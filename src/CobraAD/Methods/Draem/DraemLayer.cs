using CobraAD.Networks.Residual;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Methods.Draem;

/// <summary>The 3 × 3 convolutions of both networks, with the original's fresh weights: N(0, 0.02²), normalisations N(1, 0.02²).</summary>
internal static class DraemLayer
{
    private const double Deviation = 0.02;

    /// <summary>A convolution and its batch normalisation; a ReLU follows.</summary>
    public static ConvolutionUnit Normalized(int inputs, int outputs, Generator rng)
    {
        ConvolutionUnit unit = ConvolutionUnit.Create(inputs, outputs, 3, 1, new ConvolutionForm(Folded: false, ChannelsLast: true));
        using IDisposable frozen = no_grad();
        unit.Convolution.weight.normal_(0, Deviation, rng);
        unit.Normalization!.weight!.normal_(1, Deviation, rng);
        return unit;
    }

    /// <summary>The last convolution, with a bias that starts at 0.</summary>
    public static Conv2d Last(int inputs, int outputs, Generator rng)
    {
        Conv2d convolution = ConvolutionUnit.CreateConvolution(inputs, outputs, 3, 1, new ConvolutionForm(Folded: true, ChannelsLast: true));
        using IDisposable frozen = no_grad();
        convolution.weight.normal_(0, Deviation, rng);
        convolution.bias!.zero_();
        return convolution;
    }
}
