using CobraAD.Networks;
using CobraAD.Networks.Residual;

namespace CobraAD.Benchmarks.Macro;

/// <summary>Floating-point operations of a network's convolutions, two for each multiplication with addition.</summary>
/// <param name="Stem">Of the first convolution, for one image.</param>
/// <param name="Rest">Of all others, for one image.</param>
internal readonly record struct ConvolutionWork(double Stem, double Rest)
{
    /// <summary>Of a forward pass of one image.</summary>
    public double Forward => Stem + Rest;

    /// <summary>Of a forward pass and the gradient with respect to the image.</summary>
    public double InputGradient => 2 * Forward;

    /// <summary>Of a forward pass and the gradients of all weights; the image's own gradient is not needed.</summary>
    public double ParameterGradient => 3 * Forward - Stem;

    public static ConvolutionWork Of(CobraNetwork network, int side)
    {
        int size = side / (int)network.Encoder.First.Convolution.stride![0];
        double stem = Of(network.Encoder.First, size);
        if (network.Encoder.Options.Stem == ResNetStem.ImageNet) size /= 2;
        double rest = 0;
        foreach (ResidualBlock block in network.Encoder.Blocks)
        {
            foreach (ConvolutionUnit unit in block.Path)
            {
                size /= (int)unit.Convolution.stride![0];
                rest += Of(unit, size);
            }

            if (block.Projection is { } projection) rest += Of(projection, size);
        }

        return new ConvolutionWork(stem, rest);
    }

    private static double Of(ConvolutionUnit unit, int size) => 2.0 * unit.Convolution.weight.numel() * size * size;
}
