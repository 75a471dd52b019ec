using CobraAD.Datasets;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training.Pretraining;

/// <summary>The labelled images in order, a batch at a time, for measuring.</summary>
/// <param name="data">The images.</param>
/// <param name="device">Where the network is.</param>
/// <param name="cancellation">Stops between two batches.</param>
internal sealed class MeasuredImages(LabelledImages data, Device device, CancellationToken cancellation)
{
    private const int BatchSize = 64;

    public int Classes => data.Classes.Count;

    public Device Device => device;

    /// <summary>Shows the training images; what <paramref name="look"/> makes is disposed.</summary>
    public void ForEachTrained(Action<Tensor, Tensor> look) => ForEach(data.Train, data.TrainLabels, (images, labels, _) =>
    {
        using IDisposable frozen = no_grad();
        look(images, labels);
    });

    /// <summary>
    /// The share of the held-out images whose class is named correctly; <see langword="null"/> when there are none.
    /// </summary>
    /// <param name="classify">Images [b, 3, H, W], their labels (to attack them) and the batch's number to scores [b, classes], the highest of which names the class.</param>
    public double? Accuracy(Func<Tensor, Tensor, int, Tensor> classify)
    {
        long correct = 0;
        ForEach(data.HeldOut, data.HeldOutLabels, (images, labels, batch) => correct += classify(images, labels, batch).argmax(1).eq(labels).sum().item<long>());
        return data.HeldOut.Count == 0 ? null : (double)correct / data.HeldOut.Count;
    }

    private void ForEach(ImageSet images, IReadOnlyList<long> labels, Action<Tensor, Tensor, int> look)
    {
        for (int start = 0; start < images.Count; start += BatchSize)
        {
            if (cancellation.IsCancellationRequested)
                throw new OperationCanceledException("Stopped while measuring the trained backbone. Where a checkpoint was kept, resuming repeats the measuring alone.", cancellation);
            using DisposeScope scope = NewDisposeScope();
            Tensor batch = images.Batch(start, BatchSize, device);
            look(batch, tensor(labels.Skip(start).Take(BatchSize).ToArray(), ScalarType.Int64, device), start / BatchSize);
        }
    }
}
