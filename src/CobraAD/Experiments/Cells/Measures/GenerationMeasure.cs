using CobraAD.Datasets;
using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.PseudoAnomalies.Quality;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Experiments.Cells.Measures;

/// <summary>Compares the pseudo-anomalies of the cell's source with the normal images (paper, Table 8).</summary>
internal static class GenerationMeasure
{
    public static CellFindings Run(ExperimentCell cell, AnomalyBenchmark benchmark, Device device, CancellationToken cancellation)
    {
        RandomStreams streams = new(cell.Options.Seed);
        using PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(benchmark.Train, cell.Cobra.PseudoAnomalies, streams, device, cancellation: cancellation);
        using PseudoAnomalySupply? other = cell.Cobra.AnomalySource == PseudoAnomalySources.Ours ? null : PseudoAnomalySources.Build(
            cell.Cobra.AnomalySource, cell.Cobra.ClaimedOrigin, benchmark.Train, cell.Cobra.PseudoAnomalies, streams, device, cancellation: cancellation);
        using Generator rng = streams.Create("generation quality");
        GenerationQuality quality = GenerationQuality.Measure(
            other?.Source ?? generator, benchmark.Train, generator.Features, "transformation classifier C of this data set", rng,
            Math.Min(NeighbourhoodQuality.DefaultNeighbours, benchmark.Train.Count - 1), device, cancellation);
        SortedDictionary<string, CellValue> values = new(StringComparer.Ordinal)
        {
            ["frechet"] = new(quality.Frechet),
            ["density"] = new(quality.Neighbourhoods.Density),
            ["coverage"] = new(quality.Neighbourhoods.Coverage),
        };
        return new CellFindings(values, quality.Images, quality.Images)
        {
            Remarks = [$"features of the {quality.Backbone}, {quality.FeatureSize} wide", $"pseudo-anomalies: {quality.Source}"],
        };
    }
}
