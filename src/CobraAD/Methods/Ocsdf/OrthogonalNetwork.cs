using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Methods.Ocsdf;

/// <summary>The network while it is trained: its layers are functions of matrices that stay orthonormal.</summary>
internal sealed class OrthogonalNetwork : nn.Module
{
    private readonly OcsdfOptions options;
    private readonly (int Height, int Width) size;
    private readonly OrthogonalConvolution[] convolutions;
    private readonly Parameter weight;
    private readonly Parameter bias;

    /// <param name="options">Widths and depths.</param>
    /// <param name="height">Of the images.</param>
    /// <param name="width">Of the images.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public OrthogonalNetwork(OcsdfOptions options, int height, int width, Generator rng)
        : base(nameof(OrthogonalNetwork))
    {
        this.options = options;
        size = (height, width);
        convolutions = [.. LipschitzNetwork.Channels(options).Select(pair => new OrthogonalConvolution(pair.Inputs, pair.Outputs, rng))];
        for (int i = 0; i < convolutions.Length; i++) register_module($"conv{i + 1}", convolutions[i]);
        using IDisposable frozen = no_grad();
        weight = new Parameter(randn([1, LipschitzPass.FeatureSize(options, height, width)], generator: rng));
        bias = new Parameter(zeros(1));
        register_parameter("weight", weight);
        register_parameter("bias", bias);
    }

    /// <summary>f of images [B, 3, H, W], with all layers as they are now; part of the parameters' graph.</summary>
    /// <returns>What gives f [B]; what it makes, the caller disposes.</returns>
    public Func<Tensor, Tensor> Function()
    {
        (Tensor, Tensor)[] layers = [.. convolutions.Select(layer => (layer.Kernel(), (Tensor)layer.Bias))];
        Tensor unit = weight / weight.norm();
        return images => nn.functional.linear(LipschitzPass.Features(images, options, layers), unit, bias).squeeze(1);
    }

    /// <summary>The same function without the parameters' graph, for derivatives by images alone.</summary>
    public Func<Tensor, Tensor> ConstantFunction()
    {
        using IDisposable frozen = no_grad();
        return Function();
    }

    /// <summary>Brings every matrix back to an orthonormal one after a step of the optimiser.</summary>
    public void Retract()
    {
        foreach (OrthogonalConvolution convolution in convolutions) convolution.Retract();
    }

    /// <summary>The trained network with exactly orthogonal layers, on the same device; the caller disposes it.</summary>
    public LipschitzNetwork Finish()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        LipschitzNetwork network = new(options, size.Height, size.Width);
        IReadOnlyList<(Tensor Kernel, Tensor Bias)> layers = network.Convolutions;
        for (int i = 0; i < layers.Count; i++)
        {
            layers[i].Kernel.copy_(convolutions[i].ExactKernel());
            layers[i].Bias.copy_(convolutions[i].Bias);
        }

        Tensor exact = weight.to(ScalarType.Float64);
        network.Unit.weight!.copy_(exact / exact.norm());
        network.Unit.bias!.copy_(bias);
        return network.to(weight.device);
    }
}
