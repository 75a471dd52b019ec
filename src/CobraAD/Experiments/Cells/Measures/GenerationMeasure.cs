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
        SortedDictionary<string, CellValue> values = new(StringComparer.Ordinal);
        List<string> remarks = [];
        GenerationQuality quality = Measure("", generator.Features, "transformation classifier C of this data set");
        if (cell.BackboneSha256 is not null)
        {
            using Generator unused = new(0, CPU);
            using Backbone imageNet = BackboneStore.Open(BackboneOptions.Packaged, unused).To(device);
            Measure(Independent, imageNet.Features, ImageNetPackage.Title);
        }

        return new CellFindings(values, quality.Images, quality.Images) { Remarks = [.. remarks, $"pseudo-anomalies: {quality.Source}"] };

        GenerationQuality Measure(string prefix, Func<Tensor, Tensor> features, string backbone)
        {
            // The same images in both features.
            using Generator rng = streams.Create("generation quality");
            GenerationQuality found = GenerationQuality.Measure(
                other?.Source ?? generator, benchmark.Train, features, backbone, rng,
                Math.Min(NeighbourhoodQuality.DefaultNeighbours, benchmark.Train.Count - 1), device, cancellation);
            values[$"{prefix}frechet"] = new(found.Frechet);
            values[$"{prefix}density"] = new(found.Neighbourhoods.Density);
            values[$"{prefix}coverage"] = new(found.Neighbourhoods.Coverage);
            remarks.Add($"features of the {found.Backbone}, {found.FeatureSize} wide");
            return found;
        }
    }
}
