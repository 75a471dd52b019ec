using System.Security.Cryptography;
using System.Text;
using CobraAD.Numerics;

namespace CobraAD.Evaluation.Metrics;

/// <summary>
/// The 95 % interval of a metric's mean over several measurements that share test images: another seed of the training, another normal class.
/// Measurements that share images err together, so their intervals must not be combined as if they were independent.
/// </summary>
/// <remarks>
/// A Poisson bootstrap over the distinct images: in each replicate an image counts as often as one draw from Poisson(1) says, the same in every
/// measurement that has it, whatever its label there. The interval is that of the percentiles, moved by the bootstrap's own bias as
/// <see cref="MetricIntervals.Bootstrap"/> does. What a measurement whose metric no replicate changes (a perfect ranking) adds is taken from its own
/// interval, as independent of the others.
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
        string[] images = [.. measurements.SelectMany(measurement => measurement.Images).Distinct().Order(StringComparer.Ordinal)];
        Dictionary<string, int> places = images.Select((image, place) => (image, place)).ToDictionary(pair => pair.image, pair => pair.place, StringComparer.Ordinal);
        int[][] rows = [.. measurements.Select(measurement => measurement.Images.Select(image => places[image]).ToArray())];
        ScoreLevels[] levels = [.. measurements.Select(measurement => new ScoreLevels(measurement.Scores, measurement.IsAnomalous))];
        double[] estimates = [.. levels.Select(level => metric(level.Metrics()))];
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

        return Combine(measurements, estimates, replicates);
    }

    private static ConfidenceInterval Combine(IReadOnlyList<JointMeasurement> measurements, double[] estimates, double[][] replicates)
    {
        double mean = estimates.Average();
        double[] means = [.. Enumerable.Range(0, Replicates).Select(replicate => replicates.Average(own => own[replicate])).Order()];
        double bias = Quantile.Interpolated(means, 0.5) - mean;
        double below = Math.Max(0, mean - (Quantile.Interpolated(means, 0.025) - bias)), above = Math.Max(0, Quantile.Interpolated(means, 0.975) - bias - mean);
        (double squaredBelow, double squaredAbove) = (below * below, above * above);
        for (int i = 0; i < estimates.Length; i++)
        {
            if (replicates[i].Min() < replicates[i].Max()) continue;
            squaredBelow += Squared((estimates[i] - measurements[i].Own.Low) / estimates.Length);
            squaredAbove += Squared((measurements[i].Own.High - estimates[i]) / estimates.Length);
        }

        return new ConfidenceInterval(Math.Max(0, mean - Math.Sqrt(squaredBelow)), Math.Min(1, mean + Math.Sqrt(squaredAbove)));

        static double Squared(double value) => value * value;
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
