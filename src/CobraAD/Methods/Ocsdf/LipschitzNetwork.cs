using CobraAD.Networks;
using CobraAD.Networks.Residual;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Methods.Ocsdf;

/// <summary>The network once it is trained: plain convolutions and one linear unit, whose Lipschitz constants are measured from the weights themselves.</summary>
internal sealed class LipschitzNetwork : nn.Module<Tensor, Tensor>
{
    /// <summary>What a layer may exceed 1 by: far more than the rounding of float32, far less than any training.</summary>
    private const double LayerTolerance = 1e-3;

    private readonly OcsdfOptions options;
    private readonly Conv2d[] convolutions;

    /// <summary>A network whose weights have no values yet.</summary>
    /// <param name="options">Widths and depths.</param>
    /// <param name="height">Of the images.</param>
    /// <param name="width">Of the images.</param>
    public LipschitzNetwork(OcsdfOptions options, int height, int width)
        : base(nameof(LipschitzNetwork))
    {
        this.options = options;
        using IDisposable frozen = no_grad();
        ConvolutionForm form = new(Folded: true, ChannelsLast: false);
        convolutions = [.. Channels(options).Select(pair => ConvolutionUnit.CreateConvolution(pair.Inputs, pair.Outputs, 3, 1, form))];
        for (int i = 0; i < convolutions.Length; i++) register_module($"conv{i + 1}", convolutions[i]);
        Unit = LinearLayer.Of(zeros(1, LipschitzPass.FeatureSize(options, height, width)), zeros(1));
        register_module("unit", Unit);
    }

    /// <summary>The linear unit at the end.</summary>
    public Linear Unit { get; }

    /// <summary>Kernel and bias of each convolution; owned by the network.</summary>
    public IReadOnlyList<(Tensor Kernel, Tensor Bias)> Convolutions => [.. convolutions.Select(convolution => ((Tensor)convolution.weight, (Tensor)convolution.bias!))];

    /// <summary>Inputs and outputs of every convolution.</summary>
    public static IEnumerable<(int Inputs, int Outputs)> Channels(OcsdfOptions options)
    {
        int inputs = 3;
        for (int block = 0; block < options.Widths.Count; block++)
        {
            for (int i = 0; i < options.Depths[block]; i++)
            {
                yield return (inputs, options.Widths[block]);
                inputs = options.Widths[block];
            }
        }
    }

    /// <summary>f of images [B, 3, H, W] in [0, 1]: [B], larger where more normal; the caller disposes it.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return Unit.call(Features(input)).squeeze(1).MoveToOuterDisposeScope();
    }

    /// <summary>What the last unit sees, [B, n]; the caller disposes it.</summary>
    public Tensor Features(Tensor images) => LipschitzPass.Features(images, options, Convolutions);

    /// <summary>A bound of |f(x) - f(x')| / ‖x - x'‖₂ over all images of any size: the product of the layers' and of the input's scaling.</summary>
    /// <exception cref="InvalidOperationException">A layer exceeds 1.</exception>
    public double LipschitzConstant()
    {
        double product = LipschitzPass.InputScale;
        foreach ((string layer, double bound) in Bounds())
        {
            if (!(bound <= 1 + LayerTolerance))
                throw new InvalidOperationException($"The layer '{layer}' is not 1-Lipschitz any more: changes grow by up to {bound:G4} in it, expected at most {1 + LayerTolerance}. Its weights were changed after the training; train the model again.");
            product *= bound;
        }

        return product;
    }

    /// <summary>A bound of each layer's Lipschitz constant under ℓ₂, by name.</summary>
    public IEnumerable<(string Layer, double Bound)> Bounds()
    {
        for (int i = 0; i < convolutions.Length; i++) yield return ($"conv{i + 1}", ConvolutionBound.Of(convolutions[i].weight));
        using DisposeScope scope = NewDisposeScope();
        yield return ("unit", Unit.weight!.to(ScalarType.Float64).norm().item<double>());
    }
}
