using System.Text.Json;
using CobraAD.Datasets;
using CobraAD.PseudoAnomalies.Quality;
using CobraAD.PseudoAnomalies.Sources;
using CobraAD.Tests.Golden;
using CobraAD.Tests.Methods.Cobra;
using static TorchSharp.torch;

namespace CobraAD.Tests.PseudoAnomalies.Quality;

public sealed class GenerationQualityTests
{
    private static JsonElement Case => GoldenFile.Read("metrics_generation.json").GetProperty("cases")[0];

    [Fact]
    public void The_Frechet_distance_is_the_reference_value()
    {
        using var scope = NewDisposeScope();
        double expected = Case.GetProperty("fid").GetDouble();

        double distance = FrechetDistance.Between(Case.GetProperty("real").Array(), Case.GetProperty("fake").Array());

        Assert.Equal(expected, distance, 1e-9 * expected);
    }

    [Fact]
    public void A_set_has_no_distance_to_itself()
    {
        using var scope = NewDisposeScope();
        Tensor real = Case.GetProperty("real").Array();

        Assert.Equal(0, FrechetDistance.Between(real, real), 1e-12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Density_coverage_and_precision_are_the_reference_values(int index)
    {
        using var scope = NewDisposeScope();
        JsonElement expected = Case.GetProperty("density_coverage")[index];

        NeighbourhoodQuality quality = NeighbourhoodQuality.Of(Case.GetProperty("real").Array(), Case.GetProperty("fake").Array(), expected.GetProperty("k").GetInt32());

        Assert.Equal(expected.GetProperty("density").GetDouble(), quality.Density, 1e-9);
        Assert.Equal(expected.GetProperty("coverage").GetDouble(), quality.Coverage, 1e-9);
        Assert.Equal(expected.GetProperty("precision").GetDouble(), quality.Precision, 1e-9);
    }

    [Fact]
    public void Samples_far_from_every_real_one_have_neither_density_nor_coverage()
    {
        using var scope = NewDisposeScope();
        Tensor real = Case.GetProperty("real").Array();

        NeighbourhoodQuality quality = NeighbourhoodQuality.Of(real, real + 1000);

        Assert.Equal((0, 0, 0), (quality.Density, quality.Coverage, quality.Precision));
    }

    [Fact]
    public void More_neighbours_than_other_samples_are_refused()
    {
        using var scope = NewDisposeScope();
        Tensor rows = rand([4, 2], generator: new Generator(1, CPU));

        Assert.Throws<ArgumentOutOfRangeException>(() => NeighbourhoodQuality.Of(rows, rows, 4));
        Assert.Throws<ArgumentException>(() => FrechetDistance.Between(rows, rows.narrow(1, 0, 1)));
    }

    [Fact]
    public void A_source_is_measured_on_the_features_it_is_named_with()
    {
        using ImageSet normals = SmallTraining.Images(20);
        using Generator rng = new(1, CPU);

        GenerationQuality quality = Assert.Single(GenerationQuality.Measure(new RotationSource(), normals, [(images => images.mean([2, 3]), "channel means")], rng));

        // A quarter turn moves pixels without changing a channel's mean.
        Assert.Equal(0, quality.Frechet, 1e-6);
        Assert.Equal(("channel means", 20, 3), (quality.Backbone, quality.Images, quality.FeatureSize));
    }
}
