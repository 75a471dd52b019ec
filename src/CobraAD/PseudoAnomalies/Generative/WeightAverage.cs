using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative;

/// <summary>
/// A running average of weights, a ← d a + (1 - d) w, in a network of its own. Early on d is smaller, (1 + n)/(10 + n) after n steps:
/// otherwise a short training would average mostly the weights that it began with.
/// </summary>
internal sealed class WeightAverage
{
    private readonly IReadOnlyList<(Parameter Average, Parameter Latest)> pairs;
    private readonly double decay;
    private long steps;

    /// <param name="average">Made equal to the other, and without gradients.</param>
    /// <param name="latest">The network in training.</param>
    /// <param name="decay">d of a long training.</param>
    public WeightAverage(nn.Module average, nn.Module latest, double decay)
    {
        this.decay = decay;
        pairs = [.. average.parameters().Zip(latest.parameters())];
        using IDisposable frozen = no_grad();
        foreach ((Parameter own, Parameter other) in pairs)
        {
            own.copy_(other);
            own.requires_grad = false;
        }
    }

    /// <summary>Takes up the latest weights.</summary>
    public void Update()
    {
        using IDisposable frozen = no_grad();
        double kept = Math.Min(decay, (1.0 + steps) / (10.0 + steps));
        steps++;
        foreach ((Parameter own, Parameter other) in pairs) own.mul_(kept).add_(other, alpha: 1 - kept);
    }
}
