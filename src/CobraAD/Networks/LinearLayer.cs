using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Networks;

/// <summary>Fully connected layers whose weights come from an explicit generator.</summary>
internal static class LinearLayer
{
    /// <summary>A layer with weights and biases from the framework's default, U(-1/√fan_in, 1/√fan_in).</summary>
    public static Linear Create(int inputs, int outputs, Generator rng)
    {
        Linear layer = nn.Linear(inputs, outputs);
        double bound = 1 / Math.Sqrt(inputs);
        using IDisposable frozen = no_grad();
        layer.weight.uniform_(-bound, bound, rng);
        layer.bias!.uniform_(-bound, bound, rng);
        return layer;
    }

    /// <summary>A copy on the same device and of the same type whose parameters need no gradients.</summary>
    public static Linear FrozenCopy(Linear original)
    {
        Tensor weight = original.weight!;
        Linear copy = nn.Linear(original.in_features, original.out_features, device: weight.device, dtype: weight.dtype);
        using IDisposable frozen = no_grad();
        copy.weight!.copy_(weight).requires_grad = false;
        copy.bias!.copy_(original.bias!).requires_grad = false;
        return copy;
    }
}
