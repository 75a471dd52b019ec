using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Optimization;

/// <summary>
/// A running average of a network's weights, and of the statistics of its batch normalisation, in a network of its own:
/// a ← d a + (1 - d) w with a d for each step.
/// </summary>
internal sealed class WeightAverage
{
    private readonly IReadOnlyList<(Parameter Average, Parameter Latest)> weights;
    private readonly IReadOnlyList<(Tensor Average, Tensor Latest)> statistics;
    private readonly Func<long, double> decay;

    /// <param name="average">Made equal to the other, and without gradients.</param>
    /// <param name="latest">The network in training.</param>
    /// <param name="decay">d of the n-th step, n from 0: <see cref="Slow"/> or <see cref="Unbiased"/>.</param>
    public WeightAverage(nn.Module average, nn.Module latest, Func<long, double> decay)
    {
        this.decay = decay;
        weights = [.. average.parameters().Zip(latest.parameters())];
        statistics = [.. average.buffers().Zip(latest.buffers()).Where(pair => pair.First.is_floating_point())];
        using IDisposable frozen = no_grad();
        foreach ((Tensor own, Tensor other) in statistics) own.copy_(other);
        foreach ((Parameter own, Parameter other) in weights)
        {
            own.copy_(other);
            own.requires_grad = false;
        }
    }

    /// <summary>How many steps were taken up; set where a training goes on.</summary>
    public long Steps { get; set; }

    /// <summary>Early on d is smaller, (1 + n)/(10 + n) after n steps: otherwise a short training would average mostly the weights it began with.</summary>
    public static Func<long, double> Slow(double decay) => step => Math.Min(decay, (1.0 + step) / (10.0 + step));

    /// <summary>
    /// The weighted mean of all steps so far, each worth <paramref name="decay"/> of the one after it; what the weights began with counts
    /// nothing (the correction that Adam makes to its moments).
    /// </summary>
    public static Func<long, double> Unbiased(double decay) => step => decay * (1 - Math.Pow(decay, step)) / (1 - Math.Pow(decay, step + 1));

    /// <summary>Takes up the latest weights.</summary>
    public void Update()
    {
        using IDisposable frozen = no_grad();
        double kept = decay(Steps++);
        foreach ((Parameter own, Parameter other) in weights) own.mul_(kept).add_(other, alpha: 1 - kept);
        foreach ((Tensor own, Tensor other) in statistics) own.mul_(kept).add_(other, alpha: 1 - kept);
    }
}
