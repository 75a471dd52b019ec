using CobraAD.Export.Graph;
using static TorchSharp.torch;

namespace CobraAD.Export.Layers;

/// <summary>
/// The search for the nearest entries of a bank as operators: candidates by float32 products, as in <see cref="Methods.Neighbours.NeighbourBank"/>;
/// who wants exact distances computes those of the candidates again.
/// </summary>
internal sealed class NeighbourSearchGraph
{
    private readonly OnnxGraph graph;
    private readonly OnnxValue turned;
    private readonly OnnxValue squares;
    private readonly long count;

    /// <summary>Prepares the search.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="bank">[N, D].</param>
    /// <param name="weights">Where the bank is put.</param>
    public NeighbourSearchGraph(OnnxGraph graph, Tensor bank, WeightStore weights)
    {
        this.graph = graph;
        count = bank.size(0);
        Entries = weights.Exact(bank, "bank");
        turned = graph.Transpose(Entries, 1, 0);
        using Tensor lengths = bank.square();
        using Tensor sums = lengths.sum([1]);
        squares = weights.Exact(sums, "bank_squares");
    }

    /// <summary>The bank, float32 [N, D].</summary>
    public OnnxValue Entries { get; }

    /// <summary>The nearest entries.</summary>
    /// <param name="queries">float32 [Q, D].</param>
    /// <param name="wanted">How many; cut at the size of the bank.</param>
    /// <returns>float32 [Q, wanted] with ‖b‖² - 2⟨q, b⟩, ascending, and int64 [Q, wanted] with their rows.</returns>
    public (OnnxValue Offsets, OnnxValue Rows) Nearest(OnnxValue queries, long wanted)
    {
        OnnxValue products = graph.MatrixProduct(queries, turned);
        // Largest first of the negative, which is smallest first.
        OnnxValue closeness = graph.Subtract(graph.Multiply(products, graph.Number(2f)), squares);
        (OnnxValue values, OnnxValue rows) = graph.Largest(closeness, Math.Min(wanted, count));
        return (graph.Negate(values), rows);
    }

    /// <summary>How many of the wanted entries there are.</summary>
    public long Cut(long wanted) => Math.Min(wanted, count);
}
