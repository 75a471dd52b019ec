using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative;

/// <summary>
/// Finds the first moment of a training whose distance is at most a multiple of the smallest distance of the whole training, which is
/// known only at its end.
/// </summary>
/// <remarks>
/// The smallest distance only falls. So a moment above the multiple of the smallest so far will never be chosen, and neither will one
/// that is no nearer than an earlier one: few weights have to be kept.
/// </remarks>
/// <param name="multiple">At least 1.</param>
internal sealed class EarlyStop(double multiple) : IDisposable
{
    private readonly List<(int Step, double Distance, IReadOnlyList<Tensor> Weights)> candidates = [];

    /// <summary>The smallest distance so far.</summary>
    public double Smallest { get; private set; } = double.PositiveInfinity;

    /// <summary>How many moments are kept.</summary>
    public int Kept => candidates.Count;

    /// <summary>The first moment that qualifies; its weights stay with this object.</summary>
    public (int Step, double Distance, IReadOnlyList<Tensor> Weights) Chosen => candidates[0];

    /// <summary>Tells of the next moment.</summary>
    /// <param name="step">When.</param>
    /// <param name="distance">How far the samples are.</param>
    /// <param name="weights">Gives copies of the weights, which this object then owns; asked only when they may be chosen.</param>
    public void Offer(int step, double distance, Func<IReadOnlyList<Tensor>> weights)
    {
        Smallest = Math.Min(Smallest, distance);
        int gone = candidates.TakeWhile(candidate => candidate.Distance > multiple * Smallest).Count();
        foreach ((_, _, IReadOnlyList<Tensor> old) in candidates.Take(gone)) Release(old);
        candidates.RemoveRange(0, gone);
        bool isNearer = candidates.Count == 0 || distance < candidates[^1].Distance;
        if (isNearer && distance <= multiple * Smallest) candidates.Add((step, distance, weights()));
    }

    public void Dispose()
    {
        foreach ((_, _, IReadOnlyList<Tensor> weights) in candidates) Release(weights);
    }

    private static void Release(IReadOnlyList<Tensor> weights)
    {
        foreach (Tensor tensor in weights) tensor.Dispose();
    }
}
