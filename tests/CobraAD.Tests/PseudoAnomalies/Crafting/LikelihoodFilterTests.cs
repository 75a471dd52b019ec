using System.Text.Json;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.Tests.Golden;
using static TorchSharp.torch;

namespace CobraAD.Tests.PseudoAnomalies.Crafting;

public sealed class LikelihoodFilterTests
{
    private static readonly JsonElement Golden = GoldenFile.Read("gmm_pvalue.json");

    [Fact]
    public void In_sample_p_values_match_the_reference_and_the_least_likely_image_has_one_nth()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        Tensor train = Golden.GetProperty("train").Array(), query = Golden.GetProperty("query").Array();
        using LikelihoodFilter filter = LikelihoodFilter.Fit(train, train, new GaussianMixtureOptions { Regularization = 0 }, rng);

        Tensor p = filter.PValue(filter.LogLikelihood(query)), trainP = filter.PValue(filter.LogLikelihood(train));

        GaussianMixtureTests.AssertClose(Golden.GetProperty("single_full").GetProperty("query_p").GetProperty("weak").Vector(), p);
        GaussianMixtureTests.AssertClose(Golden.GetProperty("single_full").GetProperty("train_p_weak").Vector(), trainP);
        Assert.Equal(1.0 / 32, trainP.min().item<double>());
        Assert.Equal(
            Golden.GetProperty("single_full").GetProperty("accept_at_0_05").EnumerateArray().Select(e => e.GetBoolean()), p.le(0.05).data<bool>().ToArray());
    }

    /// <summary>The finding of the decision "held-out p-values", and its cure: 200 rows of 32 Gaussian features.</summary>
    [Fact]
    public void Held_out_calibration_keeps_the_level_that_in_sample_calibration_loses()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        GaussianMixtureOptions options = new();
        double inSample = 0, split = 0, crossFit = 0;
        const int repetitions = 20;
        for (int i = 0; i < repetitions; i++)
        {
            Tensor rows = randn([200, 32], generator: rng), fresh = randn([1000, 32], generator: rng);
            using LikelihoodFilter a = LikelihoodFilter.Fit(rows, rows, options, rng);
            using LikelihoodFilter b = LikelihoodFilter.Fit(rows.narrow(0, 0, 140), rows.narrow(0, 140, 60), options, rng);
            using LikelihoodFilter c = LikelihoodFilter.CrossFit(rows, options, rng);
            inSample += ShareBelow(a, fresh) / repetitions;
            split += ShareBelow(b, fresh) / repetitions;
            crossFit += ShareBelow(c, fresh) / repetitions;
            Assert.Equal(200, c.ReferenceCount);
        }

        Assert.InRange(inSample, 0.2, 0.3);
        Assert.InRange(split, 0.03, 0.09);
        Assert.InRange(crossFit, 0.015, 0.07);

        static double ShareBelow(LikelihoodFilter filter, Tensor rows) => filter.PValue(filter.LogLikelihood(rows)).le(0.05).to(ScalarType.Float64).mean().item<double>();
    }
}
