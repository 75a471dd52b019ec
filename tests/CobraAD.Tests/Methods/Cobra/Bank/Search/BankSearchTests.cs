using System.Runtime.Intrinsics;
using CobraAD.Methods.Cobra.Bank.Search;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Cobra.Bank.Search;

public sealed class BankSearchTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Generator rng = new(8, CPU);

    public void Dispose() => scope.Dispose();

    /// <summary>Rows, numbers of a row, queries, wanted: around the widths of registers, blocks of rows and groups of queries.</summary>
    public static TheoryData<int, int, int, int> Sizes => new()
    {
        { 1, 1, 1, 1 }, { 1, 128, 3, 5 }, { 7, 3, 1, 7 }, { 8, 16, 2, 3 }, { 9, 17, 3, 9 }, { 33, 15, 16, 2 }, { 40, 64, 17, 1 },
        { 100, 130, 18, 10 }, { 257, 63, 19, 1 }, { 1000, 128, 33, 4 }, { 3000, 100, 5, 300 }, { 20, 5000, 4, 3 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Finds_what_float64_finds_on_every_width_of_registers_and_any_number_of_threads(int count, int dimension, int queryCount, int wanted)
    {
        Tensor entries = randn([count, dimension], generator: rng), queries = Directions(randn([queryCount, dimension], dtype: ScalarType.Float64, generator: rng));

        foreach (bool compactly in (bool[])[false, true])
        {
            using BankRows rows = new(entries, compactly, threads: 2);
            AssertExact(rows, queries, Math.Min(wanted, count));
        }
    }

    [Fact]
    public void A_bank_of_several_parts_gives_the_same_for_any_number_of_threads()
    {
        Tensor entries = randn([20_000, 100], generator: rng), queries = Directions(randn([3, 100], dtype: ScalarType.Float64, generator: rng));
        using BankRows rows = new(entries, compactly: true, threads: 5);

        Assert.Equal(5, BankSearch.Parts(rows.Count, rows.Dimension, 5));
        AssertExact(rows, queries, 20);
    }

    [Fact]
    public void Of_equal_rows_the_first_counts()
    {
        Tensor few = randn([10, 24], generator: rng), entries = few.repeat(3000, 1), queries = Directions(few.to(ScalarType.Float64));
        using BankRows rows = new(entries, compactly: true, threads: 4);

        long[] found = Find(rows, queries, wanted: 3, threads: 4);

        Assert.Equal(Enumerable.Range(0, 10).SelectMany(i => (long[])[i, i + 10, i + 20]), found);
    }

    [Theory]
    [InlineData(1e-2)]
    [InlineData(1e-5)]
    [InlineData(1e-7)]
    public void Entries_that_float32_cannot_tell_apart_are_told_apart(double spread)
    {
        Tensor centre = randn([1, 32], generator: rng), entries = centre + spread * randn([5000, 32], generator: rng);
        Tensor queries = Directions(centre.to(ScalarType.Float64) + spread * randn([20, 32], dtype: ScalarType.Float64, generator: rng));

        foreach (bool compactly in (bool[])[false, true])
        {
            using BankRows rows = new(entries, compactly, threads: 1);
            AssertExact(rows, queries, 5);
        }
    }

    [Fact]
    public void Lengths_from_zero_to_the_largest_change_nothing()
    {
        Tensor lengths = tensor((float[])[0, 1e-44f, 1e-30f, 1e-10f, 1, 1e10f, 1e30f, 3e37f]).unsqueeze(1);
        Tensor entries = Directions(randn([8, 40], generator: rng)) * lengths, queries = Directions(randn([4, 40], dtype: ScalarType.Float64, generator: rng));

        foreach (bool compactly in (bool[])[false, true])
        {
            using BankRows rows = new(entries, compactly, threads: 1);
            AssertExact(rows, queries, 8);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_row_that_is_not_a_number_shows_in_every_search(bool compactly)
    {
        Tensor entries = randn([500, 16], generator: rng), queries = Directions(randn([18, 16], dtype: ScalarType.Float64, generator: rng));
        entries[321, 4] = float.NaN;
        using BankRows rows = new(entries, compactly, threads: 1);

        Assert.All(Find(rows, queries, wanted: 1, threads: 1), row => Assert.Equal(321, row));
    }

    [Fact]
    public void A_query_that_is_not_a_number_leaves_the_others_alone()
    {
        Tensor entries = randn([500, 16], generator: rng), queries = Directions(randn([18, 16], dtype: ScalarType.Float64, generator: rng));
        using BankRows rows = new(entries, compactly: false, threads: 1);
        long[] before = Find(rows, queries, wanted: 2, threads: 1);
        queries[5] = double.NaN;

        long[] after = Find(rows, queries, wanted: 2, threads: 1);

        Assert.Equal([0, 1], after[10..12]);
        Assert.Equal((long[])[.. before[..10], .. before[12..]], (long[])[.. after[..10], .. after[12..]]);
    }

    [Fact]
    public void Inner_products_are_exact_for_any_length_of_the_query()
    {
        Tensor entries = randn([3000, 20], generator: rng) * randn([3000, 1], generator: rng).exp();
        using BankRows rows = new(entries, compactly: true, threads: 1);
        foreach (double length in (double[])[1e-30, 1, 1e30])
        {
            Tensor queries = length * randn([19, 20], dtype: ScalarType.Float64, generator: rng);

            long[] found = Products(rows, queries, wanted: 3);

            Tensor expected = queries.mm(entries.to(ScalarType.Float64).t()).topk(3, dim: 1).indexes;
            Assert.Equal(expected.data<long>().ToArray(), found);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(128)]
    [InlineData(2000)]
    public unsafe void No_product_is_further_from_the_cosine_than_the_bound_says(int dimension)
    {
        Tensor entries = randn([200, dimension], generator: rng) * 3, queries = Directions(randn([1, dimension], dtype: ScalarType.Float64, generator: rng));
        Tensor narrow = queries.to(ScalarType.Float32);
        double* query = BankRows.Address<double>(queries);
        float* narrowQuery = BankRows.Address<float>(narrow);
        float[] widened = new float[dimension];
        foreach (bool compactly in (bool[])[false, true])
        {
            using BankRows rows = new(entries, compactly, threads: 1);
            double worst = 0;
            fixed (float* wide = widened)
            {
                for (long row = 0; row < rows.Count; row++)
                {
                    float product;
                    float* values = rows.Entries + row * dimension;
                    if (compactly) RowProducts<Vector128<float>, Lanes128>.Widen(rows.Compact + row * dimension, dimension, values = wide);
                    RowProducts<Vector128<float>, Lanes128>.One(values, 1, dimension, narrowQuery, &product);
                    worst = Math.Max(worst, Math.Abs(product * rows.Factors[row] - rows.Cosine(query, row)));
                }
            }

            Assert.InRange(worst, 0, rows.CosineError);
            // A bound that is never nearly reached would be worth nothing.
            Assert.True(rows.CosineError < (compactly ? 1e-3 : 2e-4), $"{rows.CosineError}");
        }
    }

    private static Tensor Directions(Tensor vectors) => vectors / (vectors.norm(1, keepdim: true, p: 2f) + 1e-8);

    /// <summary>Compares similarities: where two differ by less than float64's rounding, either row is right.</summary>
    private static void AssertExact(BankRows rows, Tensor queries, int wanted)
    {
        Tensor entries = Entries(rows).to(ScalarType.Float64), similarities = queries.mm(Directions(entries).t());
        Tensor expected = similarities.topk(wanted, dim: 1).values;
        foreach (int threads in (int[])[1, 2, 5])
        {
            foreach (long[] found in Searches(rows, queries, wanted, threads))
            {
                Tensor actual = similarities.gather(1, tensor(found, [queries.size(0), wanted]));
                Assert.InRange((actual - expected).abs().max().item<double>(), 0, 1e-13);
                Assert.All(found.Chunk(wanted), row => Assert.Equal(wanted, row.Distinct().Count()));
            }
        }
    }

    private static unsafe Tensor Entries(BankRows rows) => tensor(new Span<float>(rows.Entries, (int)rows.Count * rows.Dimension).ToArray(), [rows.Count, rows.Dimension]);

    private static unsafe List<long[]> Searches(BankRows rows, Tensor queries, int wanted, int threads)
    {
        double[] errors = [.. Enumerable.Repeat(rows.CosineError, (int)queries.size(0))];
        BankSearch.Question question = new(rows, BankRows.Address<double>(queries), errors, wanted, cosine: true);
        return
        [
            BankSearch.Search<Vector128<float>, Lanes128>(question, threads),
            BankSearch.Search<Vector256<float>, Lanes256>(question, threads),
            BankSearch.Search<Vector512<float>, Lanes512>(question, threads),
        ];
    }

    private static unsafe long[] Find(BankRows rows, Tensor queries, int wanted, int threads) =>
        BankSearch.MostSimilar(rows, BankRows.Address<double>(queries), (int)queries.size(0), wanted, threads);

    private static unsafe long[] Products(BankRows rows, Tensor queries, int wanted) =>
        BankSearch.LargestInnerProduct(rows, BankRows.Address<double>(queries), (int)queries.size(0), wanted, threads: 1);
}
