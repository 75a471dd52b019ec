using CobraAD.Methods.Cobra.Bank;
using CobraAD.Serialization;
using CobraAD.Serialization.Tensors;
using CobraAD.Tests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Cobra.Bank;

public sealed class EmbeddingBankTests
{
    [Fact]
    public void The_nearest_distinct_entries_leave_out_copies_as_long_as_there_are_others()
    {
        using DisposeScope scope = NewDisposeScope();
        Generator rng = new(3, CPU);
        Tensor different = randn(30, 8, generator: rng), queries = randn(4, 8, generator: rng);
        // Every entry three times, twice at another length.
        using EmbeddingBank bank = new(cat([different, different * 2, different * 0.5f]));

        Tensor rows = bank.NearestDistinct(queries, 4), all = bank.NearestDistinct(queries, 200);

        long[] expected = Unit(queries).mm(Unit(different).t()).topk(4, dim: 1).indexes.flatten().data<long>().ToArray();
        Assert.Equal(expected, rows.flatten().data<long>().ToArray().Select(row => row % 30));
        Assert.Equal(90, all.size(1));
        Assert.Equal(90, all[0].data<long>().ToArray().Distinct().Count());
        Tensor similarities = bank.Similarities(queries, rows);
        Assert.True((similarities - Unit(queries).mm(Unit(different).t()).topk(4, dim: 1).values).abs().max().item<double>() < 1e-6);
    }

    [Theory]
    [InlineData(1L << 20, ScalarType.Float32)]
    [InlineData(1L << 20, ScalarType.Float64)]
    [InlineData(256L << 20, ScalarType.Float64)]
    public void Search_equals_brute_force_in_float64_whatever_the_memory_limit(long memoryLimit, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Generator rng = new(3, CPU);
        Tensor entries = randn(50_000, 8, generator: rng);
        Tensor queries = randn(32, 8, generator: rng);
        using EmbeddingBank bank = new(entries.to(type, copy: true), memoryLimit);

        using BankMatches matches = bank.MostSimilar(queries, 3);

        Tensor exact = Unit(queries).mm(Unit(entries).t());
        (Tensor expected, Tensor index) = exact.topk(3, dim: 1);
        Assert.Equal(index.data<long>().ToArray(), matches.Index.data<long>().ToArray());
        Assert.True((matches.Similarity - expected).abs().max().item<double>() < 1e-7);
    }

    /// <summary>float32 is searched by rows in memory, float64 by matrix products.</summary>
    [Theory]
    [InlineData(1.0, ScalarType.Float32)]
    [InlineData(1e-2, ScalarType.Float32)]
    [InlineData(1e-5, ScalarType.Float32)]
    [InlineData(1.0, ScalarType.Float64)]
    [InlineData(1e-5, ScalarType.Float64)]
    public void Search_in_half_precision_equals_brute_force_even_where_entries_round_to_the_same(double spread, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Generator rng = new(3, CPU);
        Tensor centre = randn(1, 16, generator: rng);
        Tensor entries = centre + spread * randn(20_000, 16, generator: rng), queries = centre + spread * randn(8, 16, generator: rng);
        using EmbeddingBank bank = new(entries.to(type, copy: true), halfPrecision: true);

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
        Assert.True((matches.Similarity.flatten() - expected).abs().max().item<double>() < 1e-6);
    }

    [Fact]
    public void Entries_that_are_not_contiguous_are_searched_as_they_read()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor entries = randn(8, 300, generator: new Generator(5, CPU)).t();
        using EmbeddingBank bank = new(entries.alias());

        using BankMatches matches = bank.MostSimilar(entries, 1);

        Assert.Equal(Enumerable.Range(0, 300).Select(i => (long)i), matches.Index.flatten().data<long>().ToArray());
    }

    [Fact]
    public void An_embedding_that_is_not_a_number_has_no_similarity_and_leaves_the_others_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        using EmbeddingBank bank = new(randn(100, 8, generator: new Generator(5, CPU)));
        Tensor queries = randn(4, 8, generator: new Generator(6, CPU));
        using BankMatches before = bank.MostSimilar(queries, 1);
        queries[2] = float.NaN;

        using BankMatches after = bank.MostSimilar(queries, 1);

        Assert.True(double.IsNaN(after.Similarity[2].item<double>()));
        Assert.Equal(before.Similarity[3].item<double>(), after.Similarity[3].item<double>());
    }

    [Fact]
    public void A_bank_in_a_file_gives_the_bits_of_a_bank_in_memory_even_when_the_file_is_deleted_meanwhile()
    {
        using DisposeScope scope = NewDisposeScope();
        using TemporaryFolder folder = new();
        string path = folder.File("bank.safetensors");
        Tensor entries = randn(5000, 20, generator: new Generator(5, CPU));
        using EmbeddingBank inMemory = new(entries.clone());
        EmbeddingBank.Write(path, 5000, 20, [entries.narrow(0, 0, 1234), entries.narrow(0, 1234, 3000).clone(), entries.narrow(0, 4234, 766)]);
        using EmbeddingBank inFile = EmbeddingBank.Open(path);
        File.Delete(path);
        Tensor first = randn(40, 20, generator: new Generator(6, CPU)).requires_grad_(), second = first.detach().clone().requires_grad_();

        using BankMatches expected = inMemory.MostSimilar(first, 3), actual = inFile.MostSimilar(second, 3);
        autograd.backward([expected.Similarity.sum()], inputs: [first]);
        autograd.backward([actual.Similarity.sum()], inputs: [second]);

        Assert.Equal(expected.Index.data<long>().ToArray(), actual.Index.data<long>().ToArray());
        Assert.Equal(expected.Similarity.data<double>().ToArray(), actual.Similarity.data<double>().ToArray());
        Assert.Equal(first.grad!.data<float>().ToArray(), second.grad!.data<float>().ToArray());
    }

    [Theory]
    [InlineData(2, "more than the 2 rows")]
    [InlineData(4, "have 3 rows together")]
    public void A_bank_of_another_size_than_announced_is_not_written(int announced, string problem)
    {
        using TemporaryFolder folder = new();

        ArgumentException error = Assert.Throws<ArgumentException>(() => EmbeddingBank.Write(folder.File("bank.safetensors"), announced, 4, [ones(3, 4)]));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_file_without_a_bank_is_refused_by_name()
    {
        using TemporaryFolder folder = new();
        using Tensor other = ones(3, 4, dtype: ScalarType.Float64);
        Safetensors.Write(folder.File("other.safetensors"), new Dictionary<string, Tensor> { ["embeddings"] = other });

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => EmbeddingBank.Open(folder.File("other.safetensors")));

        Assert.Contains("embeddings Float64 [3, 4]", error.Message, StringComparison.Ordinal);
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
