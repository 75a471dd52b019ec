using CobraAD.Detection.Cobra;
using CobraAD.Tests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Detection.Cobra;

public sealed class EmbeddingBankTests
{
    [Theory]
    [InlineData(1L << 20)]
    [InlineData(256L << 20)]
    public void Search_equals_brute_force_in_float64_whatever_the_memory_limit(long memoryLimit)
    {
        using DisposeScope scope = NewDisposeScope();
        Generator rng = new(3, CPU);
        Tensor entries = randn(50_000, 8, generator: rng);
        Tensor queries = randn(32, 8, generator: rng);
        using EmbeddingBank bank = new(entries.clone(), memoryLimit);

        using BankMatches matches = bank.MostSimilar(queries, 3);

        Tensor exact = Unit(queries).mm(Unit(entries).t());
        (Tensor expected, Tensor index) = exact.topk(3, dim: 1);
        Assert.Equal(index.data<long>().ToArray(), matches.Index.data<long>().ToArray());
        Assert.True((matches.Similarity - expected).abs().max().item<double>() < 1e-7);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(1e-2)]
    [InlineData(1e-5)]
    public void Search_in_half_precision_equals_brute_force_even_where_entries_round_to_the_same(double spread)
    {
        using DisposeScope scope = NewDisposeScope();
        Generator rng = new(3, CPU);
        Tensor centre = randn(1, 16, generator: rng);
        Tensor entries = centre + spread * randn(20_000, 16, generator: rng), queries = centre + spread * randn(8, 16, generator: rng);
        using EmbeddingBank bank = new(entries.clone(), halfPrecision: true);

        using BankMatches matches = bank.MostSimilar(queries, 3);

        Tensor expected = Unit(queries).mm(Unit(entries).t()).topk(3, dim: 1).values;
        Assert.True((matches.Similarity - expected).abs().max().item<double>() < 1e-7);
    }

    [Fact]
    public void Inner_product_search_equals_brute_force()
    {
        using DisposeScope scope = NewDisposeScope();
        Generator rng = new(4, CPU);
        Tensor entries = randn(500, 8, generator: rng);
        Tensor queries = randn(5, 8, generator: rng);
        using EmbeddingBank bank = new(entries.clone());

        using BankMatches matches = bank.LargestInnerProduct(queries, 1);

        (Tensor expected, Tensor index) = queries.to(ScalarType.Float64).mm(entries.to(ScalarType.Float64).t()).max(1);
        Assert.Equal(index.data<long>().ToArray(), matches.Index.flatten().data<long>().ToArray());
        Assert.True((matches.Similarity.flatten() - expected).abs().max().item<double>() < 1e-12);
    }

    [Fact]
    public void Paper_scores_match_the_golden_file()
    {
        using DisposeScope scope = NewDisposeScope();
        System.Text.Json.JsonElement golden = GoldenFile.Read("score_paper.json");
        using EmbeddingBank bank = new(golden.GetProperty("bank").Array());
        Tensor queries = golden.GetProperty("queries").Array();

        using BankMatches cosine = bank.MostSimilar(queries, 1);
        using BankMatches dot = bank.LargestInnerProduct(queries, 1);

        Close(golden.GetProperty("A").Vector(), -cosine.Similarity.flatten());
        Close(golden.GetProperty("A_dot").Vector(), -dot.Similarity.flatten());
        Assert.Equal(golden.GetProperty("argmax").Vector(), cosine.Index.flatten().data<long>().Select(i => (double)i));
    }

    [Fact]
    public void Gradient_near_similarity_one_keeps_its_direction()
    {
        using DisposeScope scope = NewDisposeScope();
        Generator rng = new(6, CPU);
        Tensor entry = randn(1, 128, generator: rng);
        using EmbeddingBank bank = new(entry.clone());
        Tensor step = randn(1, 128, dtype: ScalarType.Float64, generator: rng) * 1e-5;
        Tensor query = (entry.to(ScalarType.Float64) + step).requires_grad_();

        using BankMatches matches = bank.MostSimilar(query, 1);
        autograd.backward([matches.Similarity.sum()], inputs: [query]);

        // The exact gradient of the cosine is (b̂ - c ẑ) / ‖z‖.
        using IDisposable frozen = no_grad();
        Tensor z = query.detach();
        Tensor unit = z / z.norm();
        Tensor target = Unit(entry);
        Tensor expected = (target - (unit * target).sum() * unit) / z.norm();
        Tensor alignment = (query.grad! * expected).sum() / (query.grad!.norm() * expected.norm());
        Assert.True(alignment.item<double>() > 0.999, $"alignment {alignment.item<double>()}");
    }

    [Fact]
    public void Zero_embedding_gives_a_finite_similarity_and_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        using EmbeddingBank bank = new(ones(2, 4));
        Tensor query = zeros(1, 4).requires_grad_();

        using BankMatches matches = bank.MostSimilar(query, 1);
        autograd.backward([matches.Similarity.sum()], inputs: [query]);

        Assert.True(double.IsFinite(matches.Similarity.item<double>()));
        Assert.True(query.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void Shape_and_type_are_checked() =>
        Assert.Throws<ArgumentException>(() => new EmbeddingBank(zeros(0, 4)));

    private static Tensor Unit(Tensor embeddings)
    {
        Tensor real = embeddings.to(ScalarType.Float64);
        return real / real.norm(1, keepdim: true, p: 2f);
    }

    private static void Close(double[] expected, Tensor actual)
    {
        double[] values = actual.data<double>().ToArray();
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], values[i], 1e-9);
    }
}
