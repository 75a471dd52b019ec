using CobraAD.Datasets;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Detection;

/// <summary>Scores whole sets of images without gradients.</summary>
public static class DetectorScoring
{
    /// <summary>The score of every image of a set.</summary>
    /// <param name="detector">Any detector.</param>
    /// <param name="images">The images, of the size that the detector expects.</param>
    /// <param name="batchSize">Images per pass.</param>
    /// <param name="cancellation">Stops between two passes.</param>
    /// <returns>One score for each image, in order; larger is more anomalous.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static double[] ScoreAll(this IAnomalyDetector detector, ImageSet images, int batchSize = 64, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return ScoreAll(detector.Score, images, detector.Device, batchSize, cancellation);
    }

    internal static double[] ScoreAll(Func<Tensor, Tensor> score, ImageSet images, Device device, int batchSize = 64, CancellationToken cancellation = default)
    {
        double[] scores = new double[images.Count];
        for (int start = 0; start < images.Count; start += batchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            using IDisposable frozen = no_grad();
            Tensor batch = score(images.Batch(start, batchSize, device));
            batch.to(ScalarType.Float64).cpu().data<double>().ToArray().CopyTo(scores, start);
        }

        return scores;
    }
}
