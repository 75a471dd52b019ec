using CobraAD.Datasets;
using CobraAD.Datasets.Paper;
using CobraAD.PseudoAnomalies;
using CobraAD.Reporting.Pictures;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Experiments.Figures;

/// <summary>Figure 2: for each data set a normal image, a real anomaly, and the pseudo-anomalies that each source makes of the normal one.</summary>
internal static class SampleFigure
{
    public static byte[] Draw(ReproductionOptions options, Device device, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        List<ImageGridRow> rows = [];
        foreach (PaperDataset dataset in PaperDatasets.All)
        {
            if (options.Datasets.Count > 0 && !options.Datasets.Contains(dataset.Key)) continue;
            if (dataset.Find(options.Data) is not { } folder) continue;
            if (dataset.Classes(folder).FirstOrDefault(normal => normal is null || options.Classes.Count == 0 || options.Classes.Contains(normal), "") is "") continue;
            rows.Add(Row(dataset, folder, options, device, cancellation));
        }

        return rows.Count > 0 ? ImageGrid.Encode(rows) : throw new ExperimentException($"None of the chosen data sets is in '{options.Data}'.");
    }

    private static ImageGridRow Row(PaperDataset dataset, string folder, ReproductionOptions options, Device device, CancellationToken cancellation)
    {
        BudgetLimits limits = BudgetLimits.For(options.Budget, dataset.PaperSize);
        string? normal = dataset.Classes(folder).First(name => name is null || options.Classes.Count == 0 || options.Classes.Contains(name));
        using AnomalyBenchmark benchmark = dataset.Open(
            folder, normal, null, new DatasetOptions { ImageSize = limits.ImageSize, MaxTrain = limits.MaxTrain ?? 500, MaxTest = 40 }, cancellation);
        // A stream for each data set: otherwise every row shows the same draws.
        RandomStreams streams = new(new RandomStreams(0).Derive(dataset.Key));
        // The same batch for every source: mixing transforms need partners.
        Tensor normals = benchmark.Train.Batch(0, 16, device);
        long anomaly = Enumerable.Range(0, benchmark.Test.Count).First(i => benchmark.TestIsAnomalous[i]);
        List<Tensor> images = [normals.narrow(0, 0, 1), benchmark.Test.Batch([anomaly], device)];
        foreach (string source in (string[])["cutpaste-3way", "rotation", PseudoAnomalySources.Ours])
        {
            using PseudoAnomalySupply supply = PseudoAnomalySources.Build(source, null, benchmark.Train, limits.Options.PseudoAnomalies, streams, device, cancellation: cancellation);
            using Generator rng = streams.Create("samples");
            images.Add(supply.Craft(normals, rng)!.narrow(0, 0, 1));
        }

        return new ImageGridRow(
            normal is null ? dataset.Title : $"{dataset.Title}, {(dataset.IsCollection ? normal : $"class {normal}")}", cat(images).MoveToOuterDisposeScope(), ["normal", "real anomaly", "CPAD (CutPaste)", "CSI (rotation)", "COBRA"]);
    }
}
