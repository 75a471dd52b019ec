using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Networks;

/// <summary>Fully connected layers whose weights come from an explicit generator.</summary>
internal static class LinearLayer
{
    /// <summary>A layer with weights and biases from the framework's default, U(-1/√fan_in, 1/√fan_in).</summary>
    public static Linear Create(int inputs, int outputs, Generator rng)
    {
        double bound = 1 / Math.Sqrt(inputs);
        using IDisposable frozen = no_grad();
        return WithValues(empty(outputs, inputs).uniform_(-bound, bound, rng), empty(outputs).uniform_(-bound, bound, rng), trainable: true);
    }

    /// <summary>The same without biases.</summary>
    public static Linear CreateWithoutBias(int inputs, int outputs, Generator rng)
    {
        double bound = 1 / Math.Sqrt(inputs);
        using IDisposable frozen = no_grad();
        Linear layer = nn.Linear(inputs, outputs, hasBias: false, device: new Device(DeviceType.META));
        layer.weight = new Parameter(empty(outputs, inputs).uniform_(-bound, bound, rng));
        return layer;
    }

    /// <summary>A frozen layer of given values, which it takes over.</summary>
    public static Linear Of(Tensor weight, Tensor bias) => WithValues(weight.DetachFromDisposeScope(), bias.DetachFromDisposeScope(), trainable: false);

    /// <summary>A copy on the same device and of the same type whose parameters need no gradients.</summary>
    public static Linear FrozenCopy(Linear original)
    {
        using IDisposable frozen = no_grad();
        return WithValues(original.weight!.clone(), original.bias!.clone(), trainable: false);
    }

    /// <summary>
    /// Made on the meta device, where the framework's own initialisation neither takes time nor draws from the global generator.
    /// </summary>
    private static Linear WithValues(Tensor weight, Tensor bias, bool trainable)
    {
        Linear layer = nn.Linear(weight.size(1), weight.size(0), device: new Device(DeviceType.META));
        layer.weight = new Parameter(weight, trainable);
        layer.bias = new Parameter(bias, trainable);
        return layer;
    }
}
