using CobraAD.Methods.Neighbours;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Neighbours;

public sealed class NeighbourBankTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(50)]
    public void Distances_are_those_of_a_full_comparison(int count)
    {
        using Generator rng = new(1, CPU);
        Tensor features = randn([40, 6], generator: rng);
        Tensor queries = randn([7, 6], generator: rng);
        using NeighbourBank bank = new(features.clone());

        Tensor all = (queries.to(float64).unsqueeze(1) - features.to(float64).unsqueeze(0)).square().sum([2]);
        (Tensor expected, _) = all.topk(Math.Min(count, 40), dim: 1, largest: false);

        TensorAssert.Close(expected, bank.Nearest(queries, count), 1e-12);
    }

    /// <summary>Queries by the thousand and rows by the four thousand are compared at a time.</summary>
    [Theory]
    [InlineData(2500)]
    [InlineData(1)]
    public void Blocks_of_queries_and_of_rows_find_what_a_full_comparison_finds(int queries)
    {
        using Generator rng = new(2, CPU);
        Tensor features = randn([9000, 6], generator: rng), asked = randn([queries, 6], generator: rng);

        (Tensor rows, Tensor offsets) = NeighbourBank.Search(asked, features, 3);

        (Tensor nearest, Tensor expected) = cdist(asked.to(float64), features.to(float64)).topk(3, dim: 1, largest: false);
        Assert.True(expected.eq(rows).all().item<bool>());
        TensorAssert.Close(nearest.square(), offsets.to(float64) + asked.to(float64).square().sum([1], keepdim: true), 1e-5);
    }

    [Fact]
    public void No_queries_have_no_neighbours()
    {
        (Tensor rows, Tensor offsets) = NeighbourBank.Search(zeros(0, 6), ones(9, 6), 3);

        Assert.Equal([0L, 3], rows.shape);
        Assert.Equal([0L, 3], offsets.shape);
    }

    [Fact]
    public void Close_neighbours_far_from_the_origin_are_told_apart()
    {
        // ‖q‖² + ‖b‖² - 2⟨q, b⟩ in float32 would lose these distances altogether.
        Tensor features = tensor([1000f, 0, 1000.25f, 0, 1001f, 0]).view(3, 2);
        using NeighbourBank bank = new(features.clone());

        Tensor nearest = bank.Nearest(tensor([1000.5f, 0]).view(1, 2), 3);

        TensorAssert.Close(tensor([0.0625, 0.25, 0.25]).view(1, 3), nearest, 1e-12);
    }

    [Fact]
    public void A_query_that_is_an_entry_has_distance_zero_and_a_finite_gradient()
    {
        using NeighbourBank bank = new(ones(3, 4));
        Tensor query = ones(1, 4).requires_grad_();

        Tensor nearest = bank.Nearest(query, 2).sum();
        autograd.backward([nearest], inputs: [query]);

        Assert.Equal(0, nearest.item<double>());
        Assert.True(query.grad!.isfinite().all().item<bool>());
    }
}
