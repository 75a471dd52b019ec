using CobraAD.Export.Graph;
using CobraAD.Losses;
using CobraAD.Methods.Cobra.Bank;
using static TorchSharp.torch;

namespace CobraAD.Export.Layers;

/// <summary>
/// The search of <see cref="EmbeddingBank"/> as operators: candidates by float32 products, their similarities again in float64,
/// because float32 cosines near 1 tie.
/// </summary>
internal sealed class BankGraph(OnnxGraph graph, EmbeddingBank bank, WeightStore weights)
{
    private readonly OnnxValue entries = weights.Exact(bank.Embeddings, "bank");

    /// <summary>The largest cosine of each embedding, and whose it is.</summary>
    /// <param name="embeddings">[B, D], un-normalised.</param>
    /// <returns>float64 [B] and int64 [B].</returns>
    public (OnnxValue Similarity, OnnxValue Index) MostSimilar(OnnxValue embeddings)
    {
        OnnxValue query = Normalize(graph, graph.Cast(embeddings, OnnxType.Double), 1);
        OnnxValue cosines = graph.Multiply(graph.ProductWithRows(graph.Cast(query, OnnxType.Float), entries), InverseNorms());
        return Best(query, cosines, normalize: true);
    }

    /// <summary>The largest inner product of each embedding, and whose it is.</summary>
    /// <param name="embeddings">[B, D], un-normalised.</param>
    /// <returns>float64 [B] and int64 [B].</returns>
    public (OnnxValue Similarity, OnnxValue Index) LargestInnerProduct(OnnxValue embeddings) =>
        Best(graph.Cast(embeddings, OnnxType.Double), graph.ProductWithRows(embeddings, entries), normalize: false);

    /// <summary>Gradient of the largest cosine: with m = ‖z‖ + 1e-8, ∂c/∂z = b̂/m - c z / (m ‖z‖).</summary>
    /// <param name="branch">The graph that computes it.</param>
    /// <param name="embeddings">float32 [B, D].</param>
    /// <param name="index">Row of the most similar entry, [B].</param>
    /// <returns>float32 [B, D].</returns>
    public OnnxValue SimilarityGradient(OnnxGraph branch, OnnxValue embeddings, OnnxValue index)
    {
        OnnxValue z = branch.Cast(embeddings, OnnxType.Double);
        OnnxValue entry = Normalize(branch, Entry(branch, index), 1);
        OnnxValue norm = branch.SquareRoot(branch.Sum(branch.Multiply(z, z), 1, keep: true));
        OnnxValue floored = branch.Add(norm, branch.Number(UnitLength.Floor));
        OnnxValue cosine = branch.Divide(branch.Sum(branch.Multiply(z, entry), 1, keep: true), floored);
        OnnxValue along = branch.Divide(branch.Multiply(cosine, z), branch.Multiply(floored, branch.Maximum(norm, branch.Number(UnitLength.Floor))));
        return branch.Cast(branch.Subtract(branch.Divide(entry, floored), along), OnnxType.Float);
    }

    /// <summary>Gradient of the largest inner product: the entry itself, float32 [B, D].</summary>
    public OnnxValue InnerProductGradient(OnnxGraph branch, OnnxValue index) => branch.Gather(entries, index, 0);

    private OnnxValue Entry(OnnxGraph branch, OnnxValue index) => branch.Cast(branch.Gather(entries, index, 0), OnnxType.Double);

    private (OnnxValue Similarity, OnnxValue Index) Best(OnnxValue query, OnnxValue products, bool normalize)
    {
        OnnxValue candidates = graph.Largest(products, Math.Min(1 + EmbeddingBank.Spare, bank.Count)).Indices;
        OnnxValue rows = graph.Cast(graph.Gather(entries, candidates, 0), OnnxType.Double);
        if (normalize) rows = Normalize(graph, rows, 2);
        OnnxValue exact = graph.Sum(graph.Multiply(rows, graph.Unsqueeze(query, 1)), 2, keep: false);
        (OnnxValue best, OnnxValue position) = graph.Largest(exact, 1);
        return (graph.Squeeze(best, 1), graph.Squeeze(graph.GatherElements(candidates, position, 1), 1));
    }

    /// <summary>ẑ = z / (‖z‖ + 1e-8).</summary>
    private static OnnxValue Normalize(OnnxGraph graph, OnnxValue vectors, long axis)
    {
        OnnxValue norm = graph.SquareRoot(graph.Sum(graph.Multiply(vectors, vectors), axis, keep: true));
        return graph.Divide(vectors, graph.Add(norm, graph.Number(UnitLength.Floor)));
    }

    private OnnxValue InverseNorms()
    {
        using Tensor exact = bank.Embeddings.detach().to(ScalarType.Float64);
        using Tensor norms = exact.norm(1, keepdim: false, p: 2f);
        using Tensor inverse = (norms + UnitLength.Floor).reciprocal();
        return weights.Exact(inverse, "inverse_norms");
    }
}
