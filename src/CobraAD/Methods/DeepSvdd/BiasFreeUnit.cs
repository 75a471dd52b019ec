using CobraAD.Networks.Residual;
using static TorchSharp.torch;

namespace CobraAD.Methods.DeepSvdd;

/// <summary>DeepSVDD's layer: a 5 × 5 convolution without bias and a batch normalisation without scale and shift.</summary>
internal static class BiasFreeUnit
{
    public static ConvolutionUnit Create(int inputs, int outputs, Generator rng)
    {
        ConvolutionUnit unit = new(
            ConvolutionUnit.CreateConvolution(inputs, outputs, kernel: 5, stride: 1, new ConvolutionForm(Folded: false, ChannelsLast: false)),
            nn.BatchNorm2d(outputs, eps: 1e-4, affine: false));
        using IDisposable frozen = no_grad();
        unit.InitializeUniform(rng);
        return unit;
    }
}
