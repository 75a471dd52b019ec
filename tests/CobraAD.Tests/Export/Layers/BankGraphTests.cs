using CobraAD.Export;
using CobraAD.Export.Graph;
using CobraAD.Export.Layers;
using CobraAD.Methods.Cobra.Bank;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Export.Layers;

/// <summary>The exported search finds the neighbour that the library finds, however alike the bank's entries are.</summary>
public sealed class BankGraphTests : IDisposable
{
    private const int Dimension = 24;

    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(1e-7, 300)]
    [InlineData(1e-6, 300)]
    [InlineData(1e-5, 20)]
    [InlineData(1e-3, 300)]
    [InlineData(1.0, 300)]
    [InlineData(1.0, 1)]
    public void The_nearest_entry_is_the_library_s(double noise, int entries)
    {
        using Generator rng = new(3, CPU);
        Tensor center = randn([1, Dimension], generator: rng);
        using EmbeddingBank bank = new(center * (1 + noise * randn([entries, Dimension], generator: rng)));
        Tensor queries = center * (1 + noise * randn([40, Dimension], generator: rng));
        OnnxGraph graph = new("search");
        BankGraph search = new(graph, bank, new WeightStore(graph, OnnxPrecision.Full));
        OnnxValue input = graph.Input("queries", OnnxType.Float, "", "batch", $"{Dimension}");
        (OnnxValue cosine, OnnxValue nearest) = search.MostSimilar(input);
        (OnnxValue product, OnnxValue largest) = search.LargestInnerProduct(input);
        graph.Output("cosine", cosine, "", "batch");
        graph.Output("nearest", nearest, "", "batch");
        graph.Output("product", product, "", "batch");
        graph.Output("largest", largest, "", "batch");

        using OnnxRun run = new(graph);
        Dictionary<string, Tensor> found = run.Run(("queries", queries));
        using BankMatches byCosine = bank.MostSimilar(queries, 1), byProduct = bank.LargestInnerProduct(queries, 1);

        TensorAssert.Close(byCosine.Similarity.squeeze(1), found["cosine"], 1e-15);
        TensorAssert.Close(byProduct.Similarity.squeeze(1), found["product"], 1e-13);
        // Entries that are alike to the last bit of float64 are one neighbour.
        if (noise <= 1e-7) return;
        Assert.Equal(byCosine.Index.squeeze(1).data<long>().ToArray(), found["nearest"].data<long>().ToArray());
        Assert.Equal(byProduct.Index.squeeze(1).data<long>().ToArray(), found["largest"].data<long>().ToArray());
    }
}
