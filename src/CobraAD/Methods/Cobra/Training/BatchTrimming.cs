using CobraAD.Losses;
using CobraAD.Networks;
using CobraAD.Torch;
using CobraAD.Training.Adversarial;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Training;

/// <summary>
/// Leaves the strays of a batch out of an update: the images that the network as it is puts farthest from the mean direction of the batch. Images that lie nearer
/// take their places, so a batch stays as large as it is.
/// </summary>
/// <param name="share">The share of a batch that is left out, from 0 to 0.5.</param>
internal sealed class BatchTrimming(double share)
{
    /// <summary>The batch without its strays; the caller disposes it.</summary>
    /// <param name="network">Asked in evaluation mode, as a detector will be.</param>
    /// <param name="images">[b, 3, H, W]; unchanged.</param>
    /// <param name="rowsAtOnce">Most images of a pass; 0 for all.</param>
    /// <returns>[b, 3, H, W], where those kept come in their order, and then the first of them once more.</returns>
    public Tensor Apply(CobraNetwork network, Tensor images, int rowsAtOnce)
    {
        int count = (int)images.size(0), strays = (int)(share * count);
        if (strays == 0) return images.alias();

        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        using NetworkModeScope mode = new(network, batchStatistics: false);
        Tensor directions = UnitLength.Of(BatchedPass.Join(count, rowsAtOnce > 0 ? rowsAtOnce : count, (start, size) => network.Embed(images.narrow(0, start, size))));
        Tensor kept = directions.mv(directions.mean([0L])).argsort(descending: true).narrow(0, 0, count - strays).sort().Values;
        return images.index_select(0, cat([kept, kept.narrow(0, 0, strays)])).MoveToOuterDisposeScope();
    }
}
