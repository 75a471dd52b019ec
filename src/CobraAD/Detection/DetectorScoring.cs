using CobraAD.Datasets;
using CobraAD.Torch;

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
    /// <exception cref="InvalidOperationException">The detector did not give one score for each image.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static double[] ScoreAll(this IAnomalyDetector detector, ImageSet images, int batchSize = BatchedPass.Size, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return FiniteScore.OfAll(detector, images, batchSize, cancellation);
    }
}
