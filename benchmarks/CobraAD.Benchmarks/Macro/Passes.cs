using CobraAD.Losses;
using CobraAD.Networks;
using CobraAD.Training.Segments;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Macro;

/// <summary>The bare passes that the algorithms are made of: nothing but the network, and the sum of what it says as loss.</summary>
internal static class Passes
{
    public static void Forward(CobraNetwork network, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        network.eval();
        network.Embed(images);
    }

    public static void InputGradient(CobraNetwork network, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        network.eval();
        Tensor leaf = images.detach().requires_grad_();
        autograd.backward([Sum(network.call(leaf))], inputs: [leaf]);
    }

    /// <summary>What a step of the training attack through the first layer alone costs.</summary>
    public static void StemGradient(CobraNetwork network, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        network.eval();
        Tensor leaf = images.detach().requires_grad_();
        Tensor map = network.Stem(leaf);
        autograd.backward([map], [ones_like(map)], inputs: [leaf]);
    }

    public static void ParameterGradient(CobraNetwork network, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        network.train();
        Sum(network.call(images)).backward();
        Forget(network);
    }

    /// <summary>The same gradients as a training within a memory limit takes them, in eight parts.</summary>
    public static void ParameterGradientInParts(CobraNetwork network, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        network.train();
        SegmentedBackward.Run(network, images, (int)((images.size(0) + 7) / 8), output => new ObjectiveParts(Sum(output), output.Embeddings, output.Logits));
        Forget(network);
    }

    private static void Forget(CobraNetwork network)
    {
        foreach (TorchSharp.Modules.Parameter parameter in network.parameters())
        {
            using Tensor? gradient = parameter.grad;
            parameter.grad = null;
        }
    }

    private static Tensor Sum(CobraOutput output) => output.Embeddings.sum() + output.Logits.sum();
}
