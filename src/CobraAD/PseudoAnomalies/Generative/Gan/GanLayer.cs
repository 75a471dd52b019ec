using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative.Gan;

/// <summary>The layers of a DCGAN (Radford et al. 2016): 4 × 4 windows, two pixels apart, weights from N(0, 0.02²).</summary>
/// <remarks>Made on the meta device, where the framework's own initialisation neither takes time nor draws from the global generator.</remarks>
internal static class GanLayer
{
    private const double WeightDeviation = 0.02;

    private static readonly Device Unplaced = new(DeviceType.META);

    /// <summary>Halves both sides.</summary>
    public static Conv2d Halving(int inputs, int outputs, Generator rng)
    {
        Conv2d layer = nn.Conv2d(inputs, outputs, 4, stride: 2, padding: 1, bias: false, device: Unplaced);
        layer.weight = Weight(rng, outputs, inputs, 4, 4);
        return layer;
    }

    /// <summary>Doubles both sides.</summary>
    public static ConvTranspose2d Doubling(int inputs, int outputs, Generator rng)
    {
        ConvTranspose2d layer = nn.ConvTranspose2d(inputs, outputs, 4, stride: 2, padding: 1, bias: false, device: Unplaced);
        layer.weight = Weight(rng, inputs, outputs, 4, 4);
        return layer;
    }

    /// <summary>From or to a vector; the same as a window over a whole map.</summary>
    public static Linear Vector(int inputs, int outputs, Generator rng)
    {
        Linear layer = nn.Linear(inputs, outputs, hasBias: false, device: Unplaced);
        layer.weight = Weight(rng, outputs, inputs);
        return layer;
    }

    private static Parameter Weight(Generator rng, params ReadOnlySpan<long> shape)
    {
        using IDisposable frozen = no_grad();
        return new Parameter(empty(shape).normal_(0, WeightDeviation, rng));
    }
}
