using TorchSharp;
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

    /// <summary>Scores of stored images without gradients, batch by batch in order.</summary>
    public static double[] OfAll(IAnomalyDetector detector, Tensor images, int batchSize, CancellationToken cancellation)
    {
        int count = (int)images.size(0);
        double[] scores = new double[count];
        using IDisposable noGradient = no_grad();
        for (int start = 0; start < count; start += batchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            int size = Math.Min(batchSize, count - start);
            Tensor batch = images.narrow(0, start, size).to(detector.Device);
            ToDoubles(Of(detector, batch)).CopyTo(scores, start);
        }

        return scores;
    }

    public static double[] ToDoubles(Tensor values) => values.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();

    public static InvalidOperationException NotFinite(IAnomalyDetector detector, IEnumerable<int> images, string when) => new(
        $"Detector '{detector.Name}' returned NaN or an infinite score for image(s) {string.Join(", ", images.Take(8))} {when}. " +
        "A score must be finite everywhere in [0, 1]; look for a division by a zero norm, a logarithm of zero, or infinite weights.");
}
