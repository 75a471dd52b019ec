using System.Text.Json;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.Tests.Golden;
using static TorchSharp.torch;

namespace CobraAD.Tests.PseudoAnomalies.Crafting;

public sealed class GaussianMixtureTests
{
    private static readonly JsonElement Golden = GoldenFile.Read("gmm_pvalue.json");

    [Fact]
    public void One_full_component_matches_the_reference()
    {
        using var scope = NewDisposeScope();
        JsonElement expected = Golden.GetProperty("single_full");
        Tensor train = Golden.GetProperty("train").Array(), query = Golden.GetProperty("query").Array();
        using GaussianMixture mixture = GaussianMixture.FitFrom(train, ones(1, dtype: ScalarType.Float64), train.narrow(0, 0, 1), new GaussianMixtureOptions { MaxIterations = 1 }, 1e-6);

        AssertClose(expected.GetProperty("train_loglik").Vector(), mixture.LogDensity(train));
        AssertClose(expected.GetProperty("query_loglik").Vector(), mixture.LogDensity(query));
        AssertClose(expected.GetProperty("mean").Vector(), mixture.Export()["means"].flatten());
    }

    [Theory]
    [InlineData("em_diag2", CovarianceKind.Diagonal)]
    [InlineData("em_full2", CovarianceKind.Full)]
    public void Expectation_maximisation_from_a_given_start_matches_the_reference(string name, CovarianceKind covariance)
    {
        using var scope = NewDisposeScope();
        JsonElement expected = Golden.GetProperty(name);
        Tensor train = Golden.GetProperty("train").Array(), query = Golden.GetProperty("query").Array();
        Tensor means = tensor([0.0, 0, 3, -1]).reshape(2, 2);
        GaussianMixtureOptions options = new() { Components = 2, Covariance = covariance, Tolerance = 1e-8, MaxIterations = 10000 };
        using GaussianMixture mixture = GaussianMixture.FitFrom(train, tensor([0.5, 0.5]), means, options, 1e-6);

        AssertClose(expected.GetProperty("weights").Vector(), mixture.Export()["log_weights"].exp());
        AssertClose(expected.GetProperty("query_loglik").Vector(), mixture.LogDensity(query));
        AssertClose([expected.GetProperty("mean_loglik").GetDouble()], mixture.LogDensity(train).mean().unsqueeze(0));
    }

    [Theory]
    [InlineData(CovarianceKind.Diagonal)]
    [InlineData(CovarianceKind.Full)]
    public void Random_starts_find_three_separate_clusters_and_bic_counts_them(CovarianceKind covariance)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(4, CPU);
        Tensor centres = tensor([0.0, 0, 10, 0, 0, 10]).reshape(3, 2);
        Tensor rows = centres.repeat(100, 1) + randn([300, 2], dtype: ScalarType.Float64, generator: rng);

        using GaussianMixture mixture = GaussianMixture.Fit(rows, new GaussianMixtureOptions { Components = 5, SelectByBic = true, Covariance = covariance }, rng);

        Assert.Equal(3, mixture.Components);
        Assert.True(cdist(centres, mixture.Export()["means"]).amin([1]).max().item<double>() < 0.3);
    }

    [Fact]
    public void The_density_integrates_to_one()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(4, CPU);
        using GaussianMixture mixture = GaussianMixture.Fit(randn([60, 1], generator: rng), new GaussianMixtureOptions { Components = 2 }, rng);

        Tensor grid = linspace(-20, 20, 40001, dtype: ScalarType.Float64).unsqueeze(1);

        Assert.Equal(1, (mixture.LogDensity(grid).exp().sum() * 0.001).item<double>(), 1e-3);
    }

    [Theory]
    [InlineData(CovarianceKind.Diagonal)]
    [InlineData(CovarianceKind.Full)]
    public void Fewer_rows_than_dimensions_and_dead_features_are_survived(CovarianceKind covariance)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(4, CPU);
        Tensor rows = randn([20, 64], generator: rng);
        rows.narrow(1, 0, 8).zero_();

        using GaussianMixture mixture = GaussianMixture.Fit(rows, new GaussianMixtureOptions { Covariance = covariance }, rng);

        Assert.True(mixture.LogDensity(rows).isfinite().all().item<bool>());
    }

    [Fact]
    public void The_same_generator_gives_the_same_mixture()
    {
        using var scope = NewDisposeScope();
        using Generator data = new(4, CPU), first = new(9, CPU), again = new(9, CPU);
        Tensor rows = randn([80, 3], generator: data);
        GaussianMixtureOptions options = new() { Components = 4 };

        using GaussianMixture a = GaussianMixture.Fit(rows, options, first), b = GaussianMixture.Fit(rows, options, again);

        Assert.True(a.LogDensity(rows).eq(b.LogDensity(rows)).all().item<bool>());
    }

    [Fact]
    public void Rows_that_are_no_numbers_are_refused()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(4, CPU);

        Assert.Contains("diverged", Assert.Throws<ArgumentException>(() => GaussianMixture.Fit(full([4, 2], float.NaN), new GaussianMixtureOptions(), rng)).Message);
        Assert.Throws<ArgumentException>(() => GaussianMixture.Fit(ones(1, 2), new GaussianMixtureOptions(), rng));
        Assert.Throws<ArgumentOutOfRangeException>(() => GaussianMixture.Fit(ones(9, 2), new GaussianMixtureOptions { Components = 0 }, rng));
    }

    internal static void AssertClose(double[] expected, Tensor actual)
    {
        double[] values = actual.data<double>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < values.Length; i++) Assert.Equal(expected[i], values[i], 1e-9 * Math.Max(1, Math.Abs(expected[i])));
    }
}
