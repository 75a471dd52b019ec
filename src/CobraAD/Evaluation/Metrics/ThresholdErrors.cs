using System.Text.Json.Serialization;

namespace CobraAD.Evaluation.Metrics;

/// <summary>What the detector's users would see at its calibrated threshold; a score above it is called anomalous.</summary>
/// <param name="Threshold">The calibrated threshold.</param>
/// <param name="FalseAlarmRate">Share of normal images above it.</param>
/// <param name="EscapeRate">Share of anomalous images at or below it: escapes.</param>
/// <param name="EvasionRate">
/// Share of the images that are called correctly when untouched and wrongly here; 0 for the untouched images themselves.
/// </param>
public sealed record ThresholdErrors(
    double Threshold, double FalseAlarmRate, [property: JsonPropertyName("missRate")] double EscapeRate, double EvasionRate)
{
    /// <summary>Counts errors at a threshold.</summary>
    /// <param name="threshold">A score above it is called anomalous.</param>
    /// <param name="scores">The scores to judge.</param>
    /// <param name="cleanScores">The scores of the untouched images.</param>
    /// <param name="isAnomalous">The label of each image.</param>
    public static ThresholdErrors At(
        double threshold, IReadOnlyList<double> scores, IReadOnlyList<double> cleanScores, IReadOnlyList<bool> isAnomalous)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(cleanScores);
        ArgumentNullException.ThrowIfNull(isAnomalous);
        int normals = 0, anomalies = 0, falseAlarms = 0, misses = 0, correct = 0, evaded = 0;
        for (int i = 0; i < scores.Count; i++)
        {
            bool right = scores[i] > threshold == isAnomalous[i];
            bool cleanRight = cleanScores[i] > threshold == isAnomalous[i];
            if (isAnomalous[i])
            {
                anomalies++;
                if (!right) misses++;
            }
            else
            {
                normals++;
                if (!right) falseAlarms++;
            }

            if (cleanRight) correct++;
            if (cleanRight && !right) evaded++;
        }

        return new ThresholdErrors(threshold, Share(falseAlarms, normals), Share(misses, anomalies), Share(evaded, correct));

        static double Share(int part, int whole) => whole == 0 ? 0 : part / (double)whole;
    }
}
