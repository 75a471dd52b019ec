using CobraAD.Detection;

namespace CobraAD.Methods.Tiles;

/// <summary>
/// The temperature T of the smooth maximum S = T log Σ exp(zᵢ/T) over an image's standardised tile scores, chosen from good images alone: the
/// one with which the smallest raise of a single tile would be noticed.
/// </summary>
/// <remarks>
/// For a good image and one of its tiles, δ is by how much that tile's z must grow for S to reach the threshold that good images give:
/// T log(e^(S/T) - e^(z/T) + e^((z + δ)/T)) = threshold. A high temperature drowns the tile among the others, a low one follows the luckiest
/// tile of each image and needs a high threshold; the mean of δ over all images and tiles weighs the two. Of temperatures that are as good
/// within two parts in a hundred the highest is taken: it listens to more tiles.
/// </remarks>
internal static class TemperatureChoice
{
    private const double AsGood = 1.02;

    private static readonly double[] Candidates = [0.0625, 0.125, 0.25, 0.5, 1, 2];

    /// <summary>Chooses.</summary>
    /// <param name="standardized">Standardised tile scores of good images: [image][place].</param>
    /// <param name="falseAlarmRate">The rate that the threshold keeps.</param>
    /// <returns>The temperature, and for each candidate the mean raise that is noticed, in deviations.</returns>
    public static (double Temperature, IReadOnlyDictionary<string, double> Raises) Of(IReadOnlyList<double[]> standardized, double falseAlarmRate)
    {
        double[] raises = [.. Candidates.Select(temperature => MeanRaise(standardized, temperature, falseAlarmRate))];
        double best = raises.Min();
        int chosen = Array.FindLastIndex(raises, raise => raise <= AsGood * best);
        return (Candidates[chosen], Candidates.Zip(raises).ToDictionary(pair => pair.First.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture), pair => pair.Second));
    }

    /// <summary>T log Σ exp(zᵢ/T).</summary>
    public static double SmoothMaximum(double[] values, double temperature)
    {
        double largest = values.Max();
        return largest + temperature * Math.Log(values.Sum(value => Math.Exp((value - largest) / temperature)));
    }

    private static double MeanRaise(IReadOnlyList<double[]> standardized, double temperature, double falseAlarmRate)
    {
        double[] scores = [.. standardized.Select(row => SmoothMaximum(row, temperature))];
        double threshold = ScoreCalibration.From(scores, falseAlarmRate, heldOut: true).Threshold, sum = 0;
        for (int image = 0; image < scores.Length; image++)
        {
            // What lacks to the threshold, in units of exp(threshold/T); an image that is above it needs no raise.
            double lacking = -double.ExpM1((scores[image] - threshold) / temperature);
            if (lacking <= 0) continue;
            sum += standardized[image].Sum(z =>
            {
                double own = (z - threshold) / temperature;
                // log(lacking + e^own) without overflow: own is negative, since z is below S.
                return temperature * (Math.Log(lacking + Math.Exp(own)) - own);
            });
        }

        return sum / standardized.Sum(row => row.Length);
    }
}
