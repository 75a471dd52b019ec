using CobraAD.Export.Graph;
using CobraAD.Losses;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Cobra.Scores;
using static TorchSharp.torch;

namespace CobraAD.Export.Layers;

/// <summary>
/// The search of <see cref="EmbeddingBank"/> as operators: candidates by float32 products, their similarities again in float64,
/// because float32 cosines near 1 tie.
/// </summary>
internal sealed class BankGraph(OnnxGraph graph, EmbeddingBank bank, WeightStore weights)
{
    private readonly OnnxValue entries = weights.Exact(bank.Embeddings, "bank");
    private readonly Dictionary<ScoreForm, OnnxValue> compared = [];

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

    /// <summary>T log (1/n) Σ exp(cos / T) over the bank, float64 [B].</summary>
    /// <param name="embeddings">[B, D], un-normalised.</param>
    /// <param name="form">The score, which knows T.</param>
    public OnnxValue SmoothMaximum(OnnxValue embeddings, SmoothSimilarity form)
    {
        OnnxValue temperature = graph.Number(form.TemperatureFor(bank));
        OnnxValue cosines = Cosines(graph, embeddings, form);
        OnnxValue largest = graph.Largest(cosines, 1).Values;
        OnnxValue sum = graph.Sum(graph.Exponential(graph.Divide(graph.Subtract(cosines, largest), temperature)), 1, keep: true);
        OnnxValue mean = graph.Divide(sum, graph.Number((double)bank.Summary.Directions.size(0)));
        return graph.Squeeze(graph.Add(largest, graph.Multiply(temperature, graph.Logarithm(mean))), 1);
    }

    /// <summary>Its gradient: the bank's directions, weighted by softmax(cos / T), in place of the one most similar; float32 [B, D].</summary>
    public OnnxValue SmoothGradient(OnnxGraph branch, OnnxValue embeddings, SmoothSimilarity form)
    {
        OnnxValue cosines = Cosines(branch, embeddings, form);
        OnnxValue shares = branch.Softmax(branch.Divide(cosines, branch.Number(form.TemperatureFor(bank))), 1);
        return ThroughLength(branch, embeddings, branch.MatrixProduct(shares, Compared(form)));
    }

    /// <summary>The largest cosine to the directions that a score compares with, and which one it is.</summary>
    /// <returns>float64 [B] and int64 [B].</returns>
    public (OnnxValue Cosine, OnnxValue Index) LargestCosine(OnnxGraph where, OnnxValue embeddings, ScoreForm form)
    {
        (OnnxValue cosine, OnnxValue index) = where.Largest(Cosines(where, embeddings, form), 1);
        return (where.Squeeze(cosine, 1), where.Squeeze(index, 1));
    }

    /// <summary>Gradient of <see cref="LargestCosine"/>, float32 [B, D].</summary>
    public OnnxValue LargestCosineGradient(OnnxGraph branch, OnnxValue embeddings, ScoreForm form) =>
        ThroughLength(branch, embeddings, branch.Gather(Compared(form), LargestCosine(branch, embeddings, form).Index, 0));

    /// <summary>Gradient of the largest cosine to an entry of the bank.</summary>
    /// <param name="branch">The graph that computes it.</param>
    /// <param name="embeddings">float32 [B, D].</param>
    /// <param name="index">Row of the most similar entry, [B].</param>
    /// <returns>float32 [B, D].</returns>
    public OnnxValue SimilarityGradient(OnnxGraph branch, OnnxValue embeddings, OnnxValue index) =>
        ThroughLength(branch, embeddings, Normalize(branch, Entry(branch, index), 1));

    /// <summary>Gradient of ⟨z, v⟩/m with m = ‖z‖ + 1e-8 and v held fast: v/m - c z / (m ‖z‖).</summary>
    private static OnnxValue ThroughLength(OnnxGraph branch, OnnxValue embeddings, OnnxValue entry)
    {
        OnnxValue z = branch.Cast(embeddings, OnnxType.Double);
        OnnxValue norm = branch.SquareRoot(branch.Sum(branch.Multiply(z, z), 1, keep: true));
        OnnxValue floored = branch.Add(norm, branch.Number(UnitLength.Floor));
        OnnxValue cosine = branch.Divide(branch.Sum(branch.Multiply(z, entry), 1, keep: true), floored);
        OnnxValue along = branch.Divide(branch.Multiply(cosine, z), branch.Multiply(floored, branch.Maximum(norm, branch.Number(UnitLength.Floor))));
        return branch.Cast(branch.Subtract(branch.Divide(entry, floored), along), OnnxType.Float);
    }

    /// <summary>Gradient of the largest inner product: the entry itself, float32 [B, D].</summary>
    public OnnxValue InnerProductGradient(OnnxGraph branch, OnnxValue index) => branch.Gather(entries, index, 0);

    private OnnxValue Cosines(OnnxGraph where, OnnxValue embeddings, ScoreForm form) =>
        where.ProductWithRows(Normalize(where, where.Cast(embeddings, OnnxType.Double), 1), Compared(form));

    /// <summary>The directions that a score compares with, float64 [n, D]: a constant, or made of the bank's entries once, when the model is loaded.</summary>
    private OnnxValue Compared(ScoreForm form)
    {
        if (compared.TryGetValue(form, out OnnxValue known)) return known;
        return compared[form] = form switch
        {
            CenterSimilarity center => Constant(bank.Summary.Centers(center.Count)),
            TrimmedSimilarity trimmed => Constant(bank.Summary.Central(trimmed.Share)),
            _ when bank.Count <= BankSummary.MostEntries => Normalize(graph, graph.Cast(entries, OnnxType.Double), 1),
            _ => Normalize(graph, graph.Cast(weights.Exact(bank.Summary.Entries, "bank"), OnnxType.Double), 1),
        };

        OnnxValue Constant(Tensor directions)
        {
            using Tensor local = directions.cpu();
            return graph.Doubles(local.data<double>().ToArray(), local.shape);
        }
    }

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
