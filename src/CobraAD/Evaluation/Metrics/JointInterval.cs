using System.Security.Cryptography;
using System.Text;

namespace CobraAD.Evaluation.Metrics;

/// <summary>
/// The 95 % interval of a metric's mean over several measurements that share test images: another seed of the training, another normal class.
/// Measurements that share images err together, so their intervals must not be combined as if they were independent.
/// </summary>
/// <remarks>
/// Each measurement is as far from the truth as its own interval says, which knows what few images prove; how far they err together is their correlation ρ in a
/// Poisson bootstrap over the distinct images. In each replicate an image counts as often as one draw from Poisson(1) says, the same in every measurement that has it,
/// whatever its label there. Of n measurements that reach d₁ … d_n below their estimates, the mean reaches √(Σ ρ_ij d_i d_j)/n below it, and likewise above. A
/// measurement whose metric no replicate changes (a perfect ranking) shows no correlation: there it is the share of images that two have in common.
/// </remarks>
internal static class JointInterval
{
    private const int Replicates = 1000;
    private const int MostDraws = 8;

    /// <summary>P(draw ≤ k) of Poisson(1) for k = 0, 1, …</summary>
    private static readonly double[] Cumulative = CumulativeOfPoisson();

    /// <summary>The interval of a mean.</summary>
    /// <param name="measurements">At least one.</param>
    /// <param name="metric">The metric, in [0, 1].</param>
    /// <exception cref="ArgumentException">There is no measurement.</exception>
    public static ConfidenceInterval Of(IReadOnlyList<JointMeasurement> measurements, Func<DetectionMetrics, double> metric)
    {
        if (measurements.Count == 0) throw new ArgumentException("Expected at least one measurement, found none.", nameof(measurements));
        double[] estimates = [.. measurements.Select(measurement => metric(DetectionMetrics.Compute(measurement.Scores, measurement.IsAnomalous)))];
        double mean = estimates.Average();
        double[,] correlation = Correlation(measurements, metric);
        return new ConfidenceInterval(
            Math.Max(0, mean - Together([.. measurements.Select((measurement, i) => estimates[i] - measurement.Own.Low)])),
            Math.Min(1, mean + Together([.. measurements.Select((measurement, i) => measurement.Own.High - estimates[i])])));

        double Together(double[] apart)
        {
            double square = 0;
            for (int i = 0; i < apart.Length; i++)
            {
                for (int j = 0; j < apart.Length; j++) square += correlation[i, j] * apart[i] * apart[j];
            }

            return Math.Sqrt(Math.Max(0, square)) / apart.Length;
        }
    }

    /// <summary>How far every two measurements err together.</summary>
    private static double[,] Correlation(IReadOnlyList<JointMeasurement> measurements, Func<DetectionMetrics, double> metric)
    {
        double[][] replicates = Resampled(measurements, metric);
        HashSet<string>[] images = [.. measurements.Select(measurement => measurement.Images.ToHashSet(StringComparer.Ordinal))];
        double[,] correlation = new double[replicates.Length, replicates.Length];
        for (int i = 0; i < replicates.Length; i++)
        {
            for (int j = 0; j < replicates.Length; j++)
            {
                double found = i == j ? 1 : MathNet.Numerics.Statistics.Correlation.Pearson(replicates[i], replicates[j]);
                correlation[i, j] = double.IsNaN(found) ? images[i].Count(images[j].Contains) / Math.Sqrt((double)images[i].Count * images[j].Count) : found;
            }
        }

        return correlation;
    }

    /// <summary>The metric of each measurement in every replicate.</summary>
    private static double[][] Resampled(IReadOnlyList<JointMeasurement> measurements, Func<DetectionMetrics, double> metric)
    {
        string[] images = [.. measurements.SelectMany(measurement => measurement.Images).Distinct().Order(StringComparer.Ordinal)];
        Dictionary<string, int> places = images.Select((image, place) => (image, place)).ToDictionary(pair => pair.image, pair => pair.place, StringComparer.Ordinal);
        int[][] rows = [.. measurements.Select(measurement => measurement.Images.Select(image => places[image]).ToArray())];
        ScoreLevels[] levels = [.. measurements.Select(measurement => new ScoreLevels(measurement.Scores, measurement.IsAnomalous))];
        double[][] replicates = [.. levels.Select(_ => new double[Replicates])];
        Random random = new(Seed(images));
        int[] times = new int[images.Length];
        for (int replicate = 0; replicate < Replicates; replicate++)
        {
            do
            {
                for (int image = 0; image < times.Length; image++) times[image] = Draw(random);
            }
            while (!levels.Zip(rows).All(pair => pair.First.HasBoth(pair.Second, times)));

            for (int i = 0; i < levels.Length; i++) replicates[i][replicate] = metric(levels[i].Weighted(rows[i], times));
        }

        return replicates;
    }

    private static int Draw(Random random)
    {
        double uniform = random.NextDouble();
        int draw = 0;
        while (draw < MostDraws && uniform > Cumulative[draw]) draw++;
        return draw;
    }

    /// <summary>The same images give the same interval.</summary>
    private static int Seed(string[] images) => BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', images))));

    private static double[] CumulativeOfPoisson()
    {
        double[] cumulative = new double[MostDraws];
        for ((int k, double share, double sum) = (0, Math.Exp(-1), 0); k < MostDraws; share /= ++k) cumulative[k] = sum += share;
        return cumulative;
    }
}
