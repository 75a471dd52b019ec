using CobraAD.Networks;
using static TorchSharp.torch;

namespace CobraAD.Training.Adversarial;

/// <summary>
/// Puts a network into the mode in which it is attacked, and back. Normalisation over the batch needs training mode, which also
/// moves the running statistics, even without gradients: they are put back too.
/// </summary>
internal sealed class NetworkModeScope : IDisposable
{
    private readonly CobraNetwork network;
    private readonly bool wasTraining;
    private readonly IReadOnlyList<(Tensor Statistic, Tensor Saved)> statistics = [];

    public NetworkModeScope(CobraNetwork network, bool batchStatistics)
    {
        this.network = network;
        wasTraining = network.training;
        if (batchStatistics) statistics = [.. network.named_buffers().Select(entry => (entry.buffer, entry.buffer.clone().DetachFromDisposeScope()))];
        network.train(batchStatistics);
    }

    public void Dispose()
    {
        network.train(wasTraining);
        using IDisposable frozen = no_grad();
        foreach ((Tensor statistic, Tensor saved) in statistics)
        {
            statistic.copy_(saved);
            saved.Dispose();
        }
    }
}
