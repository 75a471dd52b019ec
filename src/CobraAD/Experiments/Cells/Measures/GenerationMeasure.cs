using CobraAD.Datasets;
using CobraAD.Networks.Backbones;
using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.PseudoAnomalies.Quality;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Experiments.Cells.Measures;

/// <summary>
/// Compares the pseudo-anomalies of the cell's source with the normal images (paper, Table 8): in the features of the transformation classifier C,
/// and, where the cell names the ImageNet weights, in theirs, which had no part in choosing any source's images.
/// </summary>
internal static class GenerationMeasure
{
    /// <summary>What stands before the values in independent features.</summary>
    public const string Independent = "imagenet.";

    public static CellFindings Run(ExperimentCell cell, AnomalyBenchmark benchmark, Device device, CancellationToken cancellation)
    {
        RandomStreams streams = new(cell.Options.Seed);
        using PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(benchmark.Train, cell.Cobra.PseudoAnomalies, streams, device, cancellation: cancellation);
        using PseudoAnomalySupply? other = cell.Cobra.AnomalySource == PseudoAnomalySources.Ours ? null : PseudoAnomalySources.Build(
            cell.Cobra.AnomalySource, cell.Cobra.ClaimedOrigin, benchmark.Train, cell.Cobra.PseudoAnomalies, streams, device, cancellation: cancellation);
        List<(Func<Tensor, Tensor> Features, string Backbone)> spaces = [(generator.Features, "transformation classifier C of this data set")];
        using Generator unused = new(0, CPU);
        using Backbone? imageNet = cell.BackboneSha256 is null ? null : BackboneStore.Open(BackboneOptions.Packaged, unused).To(device);
        if (imageNet is not null) spaces.Add((imageNet.Features, ImageNetPackage.Title));
        using Generator rng = streams.Create("generation quality");
        GenerationQuality[] found = GenerationQuality.Measure(
            other?.Source ?? generator, benchmark.Train, spaces, rng, Math.Min(NeighbourhoodQuality.DefaultNeighbours, benchmark.Train.Count - 1), device, cancellation);

        SortedDictionary<string, CellValue> values = new(StringComparer.Ordinal);
        foreach ((string prefix, GenerationQuality quality) in new[] { "", Independent }.Zip(found))
        {
            values[$"{prefix}frechet"] = new(quality.Frechet);
            values[$"{prefix}density"] = new(quality.Neighbourhoods.Density);
            values[$"{prefix}coverage"] = new(quality.Neighbourhoods.Coverage);
        }

        return new CellFindings(values, found[0].Images, found[0].Images)
        {
            Remarks = [.. found.Select(quality => $"features of the {quality.Backbone}, {quality.FeatureSize} wide"), $"pseudo-anomalies: {found[0].Source}"],
        };
    }
}
