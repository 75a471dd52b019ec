using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Localization;

/// <summary>Compares a detector's maps with the masks of a data set.</summary>
internal static class MapEvaluation
{
    private const int BatchSize = 8;

    /// <summary>Whether there is something to compare.</summary>
    public static bool IsPossible(IAnomalyDetector detector, AnomalyBenchmark benchmark) =>
        detector is IAnomalyMap && benchmark.TestMasks is { } masks && masks.Where((mask, i) => mask is not null && benchmark.TestIsAnomalous[i]).Any();

    /// <summary>Measures.</summary>
    /// <param name="detector">A detector with a map.</param>
    /// <param name="benchmark">A data set with masks.</param>
    /// <param name="sample">Which test images.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns><see langword="null"/> when no image of the sample has a mask that is left at this size.</returns>
    public static LocalizationResult? Measure(IAnomalyDetector detector, AnomalyBenchmark benchmark, int[] sample, CancellationToken cancellation)
    {
        IAnomalyMap maps = (IAnomalyMap)detector;
        PixelRanking ranking = new();
        int width = benchmark.Test.Width, height = benchmark.Test.Height, looked = 0, without = 0;
        BatchedPass.Over(sample.Length, BatchSize, (start, size) =>
        {
            int[] rows = sample[start..(start + size)];
            Tensor map = maps.HeatMap(benchmark.Test.Batch([.. rows.Select(row => (long)row)], detector.Device)).cpu();
            for (int i = 0; i < size; i++)
            {
                if (MaskOf(benchmark, rows[i], width, height) is not { } mask)
                {
                    without++;
                    continue;
                }

                looked++;
                ranking.Add(map[i].contiguous().data<float>().ToArray(), mask.Regions, mask.Sizes);
            }
        }, cancellation);
        return ranking.Regions > 0 ? new LocalizationResult(ranking.Auroc(), ranking.Aupro(), looked, without, ranking.Regions) : null;
    }

    /// <summary>No mask for an anomalous image means that nobody knows where its defect is.</summary>
    private static DefectMask? MaskOf(AnomalyBenchmark benchmark, int row, int width, int height)
    {
        if (!benchmark.TestIsAnomalous[row]) return DefectMask.None(width, height);
        return benchmark.TestMasks![row] is { } path && DefectMask.Read(path, width, height) is { Sizes.Count: > 0 } mask ? mask : null;
    }
}
