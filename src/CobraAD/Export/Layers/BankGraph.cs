using CobraAD.Export.Graph;
using CobraAD.Losses;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Cobra.Scores;
using static TorchSharp.torch;

namespace CobraAD.Export.Layers;

/// <summary>
/// The search of <see cref="EmbeddingBank"/> as operators: candidates by float32 products, their similarities again in float64,
/// because float32 cosines near 1 tie. Every entry is a candidate whose float32 product lies so close to the largest that rounding may have
/// swapped them, so that both find the same nearest entry, however alike the entries are.
/// </summary>
internal sealed class BankGraph(OnnxGraph graph, EmbeddingBank bank, WeightStore weights)
{
    /// <summary>Relative rounding of one float32 operation.</summary>
    private const float Rounding = 6e-8f;

    /// <summary>With more candidates than this the whole bank is searched in float64: its copy is smaller than theirs for every image of a batch.</summary>
    private const long MostCandidates = 32;

    /// <summary>
    /// By how much two float32 products of unit vectors may be out of order: each of D products and sums rounds, and the query and the entry's
    /// norm did once, for both of them.
    /// </summary>
    private readonly float slack = 2 * (bank.Dimension + 4) * Rounding;

    private readonly OnnxValue entries = weights.Exact(bank.Embeddings, "bank");
    private readonly Dictionary<ScoreForm, OnnxValue> compared = [];

    /// <summary>The largest cosine of each embedding, and whose it is.</summary>
    /// <param name="embeddings">[B, D], un-normalised.</param>
    /// <returns>float64 [B] and int64 [B].</returns>
    public (OnnxValue Similarity, OnnxValue Index) MostSimilar(OnnxValue embeddings)
    {
        OnnxValue query = DirectionGraph.Normalize(graph, graph.Cast(embeddings, OnnxType.Double), 1);
        OnnxValue cosines = graph.Multiply(graph.ProductWithRows(graph.Cast(query, OnnxType.Float), entries), InverseNorms());
        return Best(query, cosines, graph.Number(slack), normalize: true);
    }

    /// <summary>The largest inner product of each embedding, and whose it is.</summary>
    /// <param name="embeddings">[B, D], un-normalised.</param>
    /// <returns>float64 [B] and int64 [B].</returns>
    public (OnnxValue Similarity, OnnxValue Index) LargestInnerProduct(OnnxValue embeddings)
    {
        OnnxValue query = graph.Cast(embeddings, OnnxType.Double);
        OnnxValue length = graph.Cast(graph.SquareRoot(graph.Sum(graph.Multiply(query, query), 1, keep: true)), OnnxType.Float);
        return Best(query, graph.ProductWithRows(embeddings, entries), graph.Multiply(length, graph.Number(slack * LargestNorm())), normalize: false);
    }

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
        return DirectionGraph.Gradient(branch, embeddings, branch.MatrixProduct(shares, Compared(form)), 1);
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
        DirectionGraph.Gradient(branch, embeddings, branch.Gather(Compared(form), LargestCosine(branch, embeddings, form).Index, 0), 1);

    /// <summary>Gradient of the largest cosine to an entry of the bank.</summary>
    /// <param name="branch">The graph that computes it.</param>
    /// <param name="embeddings">float32 [B, D].</param>
    /// <param name="index">Row of the most similar entry, [B].</param>
    /// <returns>float32 [B, D].</returns>
    public OnnxValue SimilarityGradient(OnnxGraph branch, OnnxValue embeddings, OnnxValue index) =>
        DirectionGraph.Gradient(branch, embeddings, DirectionGraph.Normalize(branch, Entry(branch, index), 1), 1);

    /// <summary>Gradient of the largest inner product: the entry itself, float32 [B, D].</summary>
    public OnnxValue InnerProductGradient(OnnxGraph branch, OnnxValue index) => branch.Gather(entries, index, 0);

    private OnnxValue Cosines(OnnxGraph where, OnnxValue embeddings, ScoreForm form) =>
        where.ProductWithRows(DirectionGraph.Normalize(where, where.Cast(embeddings, OnnxType.Double), 1), Compared(form));

    /// <summary>The directions that a score compares with, float64 [n, D]: a constant, or made of the bank's entries once, when the model is loaded.</summary>
    private OnnxValue Compared(ScoreForm form)
    {
        if (compared.TryGetValue(form, out OnnxValue known)) return known;
        return compared[form] = form switch
        {
            CenterSimilarity center => Constant(bank.Summary.Centers(center.Count)),
            TrimmedSimilarity trimmed => Constant(bank.Summary.Central(trimmed.Share)),
            _ when bank.Count <= BankSummary.MostEntries => DirectionGraph.Normalize(graph, graph.Cast(entries, OnnxType.Double), 1),
            _ => DirectionGraph.Normalize(graph, graph.Cast(weights.Exact(bank.Summary.Entries, "bank"), OnnxType.Double), 1),
        };

        OnnxValue Constant(Tensor directions)
        {
            using Tensor local = directions.cpu();
            return graph.Doubles(local.data<double>().ToArray(), local.shape);
        }
    }

    private OnnxValue Entry(OnnxGraph branch, OnnxValue index) => branch.Cast(branch.Gather(entries, index, 0), OnnxType.Double);

    private (OnnxValue Similarity, OnnxValue Index) Best(OnnxValue query, OnnxValue products, OnnxValue slack, bool normalize)
    {
        OnnxValue largest = graph.Largest(products, 1).Values;
        OnnxValue near = graph.Cast(graph.Greater(products, graph.Subtract(largest, slack)), OnnxType.Int64);
        OnnxValue count = graph.Maximum(graph.LargestOfAll(graph.Sum(near, 1, keep: false)), graph.Integers([1], [1]));
        OnnxValue index = graph.Choose(
            graph.Squeeze(graph.Greater(count, graph.Integers([MostCandidates], [1])), 0), whole => AmongAll(whole, query, products, normalize), few => Among(few, query, products, count, normalize));
        OnnxValue entry = Entry(graph, index);
        if (normalize) entry = DirectionGraph.Normalize(graph, entry, 1);
        return (graph.Sum(graph.Multiply(entry, query), 1, keep: false), index);
    }

    /// <summary>The best of the entries with the largest float32 products, [B].</summary>
    private OnnxValue Among(OnnxGraph branch, OnnxValue query, OnnxValue products, OnnxValue count, bool normalize)
    {
        OnnxValue candidates = branch.Largest(products, count).Indices;
        OnnxValue rows = Entry(branch, candidates);
        if (normalize) rows = DirectionGraph.Normalize(branch, rows, 2);
        OnnxValue exact = branch.Sum(branch.Multiply(rows, branch.Unsqueeze(query, 1)), 2, keep: false);
        return branch.Squeeze(branch.GatherElements(candidates, branch.Largest(exact, 1).Indices, 1), 1);
    }

    /// <summary>The best of all entries, [B]. They are widened when they are needed: a runtime would otherwise keep them twice, once for ever in float64.</summary>
    private OnnxValue AmongAll(OnnxGraph branch, OnnxValue query, OnnxValue products, bool normalize)
    {
        OnnxValue all = branch.Range(branch.Number(0L), branch.Gather(branch.Shape(products), branch.Number(1L), 0), branch.Number(1L));
        OnnxValue rows = Entry(branch, all);
        if (normalize) rows = DirectionGraph.Normalize(branch, rows, 1);
        return branch.Squeeze(branch.Largest(branch.MatrixProduct(query, branch.Transpose(rows, 1, 0)), 1).Indices, 1);
    }

    private float LargestNorm()
    {
        using Tensor exact = bank.Embeddings.detach().to(ScalarType.Float64);
        using Tensor norms = exact.norm(1, keepdim: false, p: 2f), largest = norms.max();
        return largest.to(ScalarType.Float32).item<float>();
    }

    private OnnxValue InverseNorms()
    {
        using Tensor exact = bank.Embeddings.detach().to(ScalarType.Float64);
        using Tensor norms = exact.norm(1, keepdim: false, p: 2f);
        using Tensor inverse = (norms + UnitLength.Floor).reciprocal();
        return weights.Exact(inverse, "inverse_norms");
    }
}
