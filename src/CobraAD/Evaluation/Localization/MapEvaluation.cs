using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Localization;

/// <summary>Compares a detector's maps with the masks of a data set: its own, or those of its gradient.</summary>
internal static class MapEvaluation
{
    private const int BatchSize = 8;

    /// <summary>Whether there is something to compare.</summary>
    public static bool IsPossible(IAnomalyDetector detector, AnomalyBenchmark benchmark) =>
        AnomalyMaps.Of(detector) is not null && benchmark.TestMasks is { } masks && masks.Where((mask, i) => mask is not null && benchmark.TestIsAnomalous[i]).Any();

    /// <summary>Measures on untouched images, and on attacked ones where there are any.</summary>
    /// <param name="detector">A detector with a map.</param>
    /// <param name="benchmark">A data set with masks.</param>
    /// <param name="sample">Which test images.</param>
    /// <param name="attacked">These images as the attacks left them, [sample, 3, H, W]; not disposed.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns><see langword="null"/> when no image of the sample has a mask that is left at this size.</returns>
    /// <exception cref="InvalidDataException">A mask has another size than its image.</exception>
    public static LocalizationResult? Measure(IAnomalyDetector detector, AnomalyBenchmark benchmark, int[] sample, Tensor? attacked, CancellationToken cancellation)
    {
        int width = benchmark.Test.Width, height = benchmark.Test.Height;
        DefectMask?[] masks = [.. sample.Select(row => MaskOf(benchmark, row, width, height))];
        LocalizationResult? clean = Measure(detector, masks, (start, size) => benchmark.Test.Batch([.. sample[start..(start + size)].Select(row => (long)row)]), cancellation);
        return clean is null || attacked is null ? clean : clean with { UnderAttack = Measure(detector, masks, (start, size) => attacked.narrow(0, start, size), cancellation) };
    }

    private static LocalizationResult? Measure(IAnomalyDetector detector, DefectMask?[] masks, Func<int, int, Tensor> images, CancellationToken cancellation)
    {
        IAnomalyMap maps = AnomalyMaps.Of(detector)!;
        PixelRanking ranking = new();
        BatchedPass.Over(masks.Length, BatchSize, (start, size) =>
        {
            Tensor map = maps.HeatMap(images(start, size).to(detector.Device)).cpu();
            for (int i = 0; i < size; i++)
            {
                if (masks[start + i] is { } mask) ranking.Add(map[i].contiguous().to(ScalarType.Float32).data<float>().ToArray(), mask.Regions, mask.Sizes);
            }
        }, cancellation);
        int without = masks.Count(mask => mask is null);
        return ranking.Regions > 0
            ? new LocalizationResult(ranking.Auroc(), ranking.Aupro(), masks.Length - without, without, ranking.Regions) { PixelF1 = ranking.LargestF1() }
            : null;
    }

    /// <summary>No mask for an anomalous image means that nobody knows where its defect is.</summary>
    private static DefectMask? MaskOf(AnomalyBenchmark benchmark, int row, int width, int height)
    {
        if (!benchmark.TestIsAnomalous[row]) return DefectMask.None(width, height);
        return benchmark.TestMasks![row] is { } path && DefectMask.Read(path, width, height, benchmark.Test.Framing, benchmark.Test.Sources[row]) is { Sizes.Count: > 0 } mask ? mask : null;
    }
}
