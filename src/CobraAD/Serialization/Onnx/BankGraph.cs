using CobraAD.Detection.Cobra;
using static TorchSharp.torch;

namespace CobraAD.Serialization.Onnx;

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
        OnnxValue query = Normalize(graph.Cast(embeddings, OnnxType.Double), 1);
        OnnxValue cosines = graph.Multiply(graph.ProductWithRows(graph.Cast(query, OnnxType.Float), entries), InverseNorms());
        return Best(query, cosines, normalize: true);
    }

    /// <summary>The largest inner product of each embedding, and whose it is.</summary>
    /// <param name="embeddings">[B, D], un-normalised.</param>
    /// <returns>float64 [B] and int64 [B].</returns>
    public (OnnxValue Similarity, OnnxValue Index) LargestInnerProduct(OnnxValue embeddings) =>
        Best(graph.Cast(embeddings, OnnxType.Double), graph.ProductWithRows(embeddings, entries), normalize: false);

    private (OnnxValue Similarity, OnnxValue Index) Best(OnnxValue query, OnnxValue products, bool normalize)
    {
        OnnxValue candidates = graph.Largest(products, Math.Min(1 + EmbeddingBank.Spare, bank.Count)).Indices;
        OnnxValue rows = graph.Cast(graph.Gather(entries, candidates, 0), OnnxType.Double);
        if (normalize) rows = Normalize(rows, 2);
        OnnxValue exact = graph.Sum(graph.Multiply(rows, graph.Unsqueeze(query, 1)), 2, keep: false);
        (OnnxValue best, OnnxValue position) = graph.Largest(exact, 1);
        return (graph.Squeeze(best, 1), graph.Squeeze(graph.GatherElements(candidates, position, 1), 1));
    }

    /// <summary>ẑ = z / (‖z‖ + 1e-8).</summary>
    private OnnxValue Normalize(OnnxValue vectors, long axis)
    {
        OnnxValue norm = graph.SquareRoot(graph.Sum(graph.Multiply(vectors, vectors), axis, keep: true));
        return graph.Divide(vectors, graph.Add(norm, graph.Number(EmbeddingBank.NormFloor)));
    }

    private OnnxValue InverseNorms()
    {
        using Tensor exact = bank.Embeddings.detach().to(ScalarType.Float64);
        using Tensor norms = exact.norm(1, keepdim: false, p: 2f);
        using Tensor inverse = (norms + EmbeddingBank.NormFloor).reciprocal();
        return weights.Exact(inverse, "inverse_norms");
    }
}
