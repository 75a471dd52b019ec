using CobraAD.Datasets;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Detection;

/// <summary>Scores whose shape and values can be relied on; detectors may come from outside this library.</summary>
internal static class FiniteScore
{
    public static Tensor Of(IAnomalyDetector detector, Tensor images)
    {
        Tensor score = detector.Score(images);
        if (score.dim() == 1 && score.size(0) == images.size(0)) return score;
        throw new InvalidOperationException(
            $"Detector '{detector.Name}' returned scores of shape [{string.Join(", ", score.shape)}] for a batch of {images.size(0)} images. Expected one score for each image: [{images.size(0)}].");
    }

    /// <summary>Scores of images [N, 3, H, W] wherever they are, without gradients, batch by batch in order.</summary>
    public static double[] OfAll(IAnomalyDetector detector, Tensor images, int batchSize, CancellationToken cancellation) =>
        OfAll((int)images.size(0), BatchedPass.SizeFor(batchSize, images.size(2), images.size(3)), (start, size) => Of(detector, images.narrow(0, start, size).to(detector.Device)), cancellation);

    /// <summary>Scores of a set of images without gradients, batch by batch in order.</summary>
    public static double[] OfAll(IAnomalyDetector detector, ImageSet images, int batchSize, CancellationToken cancellation) =>
        OfAll(images.Count, BatchedPass.SizeFor(batchSize, images.Height, images.Width), (start, size) => Of(detector, images.Batch(start, size, detector.Device)), cancellation);

    /// <summary>The same with another score than the one that the detector reports.</summary>
    /// <param name="score">Images [b, 3, H, W] on the device to [b].</param>
    /// <param name="images">The set.</param>
    /// <param name="device">Where the score is computed.</param>
    public static double[] OfAll(Func<Tensor, Tensor> score, ImageSet images, Device device) =>
        OfAll(images.Count, BatchedPass.SizeFor(BatchedPass.Size, images.Height, images.Width), (start, size) => score(images.Batch(start, size, device)), CancellationToken.None);

    public static double[] ToDoubles(Tensor values) => values.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();

    public static InvalidOperationException NotFinite(IAnomalyDetector detector, IEnumerable<int> images, string when) => new(
        $"Detector '{detector.Name}' returned NaN or an infinite score for image(s) {string.Join(", ", images.Take(8))} {when}. " +
        "A score must be finite everywhere in [0, 1]; look for a division by a zero norm, a logarithm of zero, or infinite weights.");

    private static double[] OfAll(int count, int batchSize, Func<int, int, Tensor> score, CancellationToken cancellation)
    {
        double[] scores = new double[count];
        BatchedPass.Over(count, batchSize, (start, size) => ToDoubles(score(start, size)).CopyTo(scores, start), cancellation);
        return scores;
    }
}
