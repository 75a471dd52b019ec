using CobraAD.Datasets;
using CobraAD.Evaluation.Metrics;
using CobraAD.Methods.Cobra.Choice;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Scores;

/// <summary>What scores of one network are worth on test images.</summary>
internal static class TestAuroc
{
    /// <summary>The test images of one kind, [N, 3, H, W].</summary>
    public static Tensor Images(AnomalyBenchmark benchmark, bool anomalous) =>
        benchmark.Test.Batch([.. Enumerable.Range(0, benchmark.Test.Count).Where(i => benchmark.TestIsAnomalous[i] == anomalous).Select(i => (long)i)]);

    /// <summary>AUROC of each score of an ascent; at radius 0 that of the untouched images.</summary>
    /// <param name="ascent">The scores.</param>
    /// <param name="good">Good images.</param>
    /// <param name="bad">Anomalous images.</param>
    /// <param name="epsilon">ε of the ℓ∞ ball.</param>
    /// <param name="steps">Gradient steps for each score that is climbed.</param>
    public static double[] Under(SharedAscent ascent, Tensor good, Tensor bad, double epsilon, int steps)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(11, CPU);
        int taken = epsilon > 0 ? steps : 1;
        Tensor raised = ascent.Worst(good, +1, epsilon, taken, rng), lowered = ascent.Worst(bad, -1, epsilon, taken, rng);
        bool[] labels = [.. Enumerable.Repeat(false, (int)good.size(0)), .. Enumerable.Repeat(true, (int)bad.size(0))];
        return [.. Enumerable.Range(0, (int)raised.size(0)).Select(row => DetectionMetrics.Compute(cat([raised[row], lowered[row]]).data<double>().ToArray(), labels).Auroc)];
    }
}
