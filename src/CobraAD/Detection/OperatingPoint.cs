using CobraAD.Datasets;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Detection;

/// <summary>
/// Sets thresholds that rounding does not cross. An image's score depends in its last digits on the images beside it in a batch, since float32
/// sums are formed in another order; how much is measured by scoring the images next to the threshold once more, each alone.
/// </summary>
internal static class OperatingPoint
{
    /// <summary>Images that are scored again.</summary>
    private const int Repeated = 16;

    /// <summary>Few images show less than the worst that rounding can do, and other runtimes round elsewhere.</summary>
    private const double Safety = 8;

    /// <summary>The operating point of a score from good images.</summary>
    /// <param name="score">Images [b, 3, H, W] on the device to [b].</param>
    /// <param name="images">Good images.</param>
    /// <param name="device">Where the score is computed.</param>
    /// <param name="falseAlarmRate">The share of good parts that may be called anomalous, in (0, 1).</param>
    /// <param name="heldOut">Whether the images were kept out of training and bank.</param>
    /// <exception cref="ArgumentException">A score is not finite.</exception>
    public static ScoreCalibration Find(Func<Tensor, Tensor> score, ImageSet images, Device device, double falseAlarmRate, bool heldOut)
    {
        double[] scores = FiniteScore.OfAll(score, images, device);
        double threshold = ScoreCalibration.From(scores, falseAlarmRate, heldOut).Threshold;
        double largest = 0;
        foreach (int image in Enumerable.Range(0, scores.Length).OrderBy(i => Math.Abs(scores[i] - threshold)).Take(Repeated))
        {
            BatchedPass.Over(1, 1, (_, _) => largest = Math.Max(largest, Math.Abs(FiniteScore.ToDoubles(score(images.Batch(image, 1, device)))[0] - scores[image])));
        }

        return ScoreCalibration.From(scores, falseAlarmRate, heldOut, Safety * Math.Max(largest, Math.BitIncrement(Math.Abs(threshold)) - Math.Abs(threshold)));
    }
}
