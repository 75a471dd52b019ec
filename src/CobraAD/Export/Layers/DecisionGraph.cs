using CobraAD.Detection;
using CobraAD.Export.Graph;

namespace CobraAD.Export.Layers;

/// <summary>What follows a score in every exported model: the score on the calibrated scale, and the decision.</summary>
internal static class DecisionGraph
{
    /// <summary>Adds the outputs "score", "calibrated", "is_anomalous" and "nearest_index", and the input "threshold".</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="score">float64 [B].</param>
    /// <param name="nearest">int64 [B]: row of the bank that is nearest.</param>
    /// <param name="calibration">The operating point.</param>
    /// <param name="meaning">What the model says about <paramref name="nearest"/>.</param>
    public static void Build(OnnxGraph graph, OnnxValue score, OnnxValue nearest, ScoreCalibration calibration, string meaning = "The nearest entry of the bank: its row; -1 of a method without a bank.")
    {
        OnnxValue threshold = graph.OptionalInput(OnnxMetadata.Threshold, calibration.Threshold, "Raw score above which an image is anomalous; the calibrated one when left out.");
        OnnxValue one = graph.Number(1.0);
        OnnxValue distance = graph.Divide(graph.Subtract(threshold, score), graph.Number(calibration.Scale));
        graph.Output(OnnxMetadata.Score, score, "Raw anomaly score; larger is more anomalous.", "batch");
        graph.Output(OnnxMetadata.Calibrated, graph.Divide(one, graph.Add(one, graph.Exponential(distance))), "The score on a scale from 0 to 1 where 0.5 is the threshold.", "batch");
        graph.Output(OnnxMetadata.IsAnomalous, graph.Greater(score, threshold), "Whether the score is above the threshold.", "batch");
        graph.Output(OnnxMetadata.NearestIndex, nearest, meaning, "batch");
    }
}
