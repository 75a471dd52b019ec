using CobraAD.Export.Graph;
using CobraAD.Methods.Cobra.Scores;
using CobraAD.Networks;
using TorchSharp.Modules;

namespace CobraAD.Export.Layers;

/// <summary>The forms of COBRA's score as operators, and their gradients to the network's features.</summary>
internal sealed class ScoreGraph
{
    private readonly OnnxGraph graph;
    private readonly CobraNetwork network;
    private readonly WeightStore weights;
    private readonly BankGraph bank;
    private readonly OnnxValue features;
    private readonly OnnxValue embeddings;
    private readonly OnnxValue similarity;
    private readonly Lazy<(OnnxValue Product, OnnxValue Index)> product;

    /// <param name="graph">The graph that computes scores.</param>
    /// <param name="network">The folded network.</param>
    /// <param name="weights">Its weights in the graph.</param>
    /// <param name="bank">The bank in the graph.</param>
    /// <param name="features">float32 [B, feature size].</param>
    public ScoreGraph(OnnxGraph graph, CobraNetwork network, WeightStore weights, BankGraph bank, OnnxValue features)
    {
        this.graph = graph;
        this.network = network;
        this.weights = weights;
        this.bank = bank;
        this.features = features;
        embeddings = Embed(graph, features).Embedding;
        (similarity, Nearest) = bank.MostSimilar(embeddings);
        product = new Lazy<(OnnxValue, OnnxValue)>(() => bank.LargestInnerProduct(embeddings));
    }

    /// <summary>The row of the bank that is most similar to each image, int64 [B].</summary>
    public OnnxValue Nearest { get; }

    /// <summary>The score of each image, float64 [B].</summary>
    public OnnxValue Value(ScoreForm form) => form switch
    {
        Similarity => graph.Negate(similarity),
        InnerProduct => graph.Negate(product.Value.Product),
        SmoothSimilarity smooth => graph.Negate(bank.SmoothMaximum(embeddings, smooth)),
        CenterSimilarity or TrimmedSimilarity => graph.Negate(bank.LargestCosine(graph, embeddings, form).Cosine),
        AnomalyProbability => graph.Gather(graph.Softmax(Logits(), 1), graph.Number(1L), 1),
        LogOdds => graph.Subtract(graph.Gather(Logits(), graph.Number(1L), 1), graph.Gather(Logits(), graph.Number(0L), 1)),
        SumOf sum => graph.Add(Value(sum.First), graph.Multiply(Value(sum.Second), graph.Number(sum.Weight))),
        _ => throw new NotSupportedException($"The score '{form.Name}' has no form in ONNX."),
    };

    /// <summary>∂score/∂features in a branch of the graph.</summary>
    /// <param name="branch">The branch.</param>
    /// <param name="form">Which score.</param>
    /// <param name="at">The features as the branch has them, float32 [B, feature size].</param>
    /// <returns>float32 [B, feature size].</returns>
    public OnnxValue Gradient(OnnxGraph branch, ScoreForm form, OnnxValue at)
    {
        if (form is SumOf sum)
            return branch.Add(Gradient(branch, sum.First, at), branch.Multiply(Gradient(branch, sum.Second, at), branch.Number((float)sum.Weight)));
        return form.NeedsClassifier ? ClassifierGradient(branch, form, at) : EmbeddingGradient(branch, form, at);
    }

    /// <summary>Through the projection head and the bank.</summary>
    private OnnxValue EmbeddingGradient(OnnxGraph branch, ScoreForm form, OnnxValue at)
    {
        (Linear hidden, Linear output) = network.Projection.Layers;
        (OnnxValue active, OnnxValue projected, OnnxValue embedded) = Embed(branch, at);
        OnnxValue largest = form switch
        {
            Similarity => bank.SimilarityGradient(branch, embedded, Nearest),
            InnerProduct => bank.InnerProductGradient(branch, product.Value.Index),
            SmoothSimilarity smooth => bank.SmoothGradient(branch, embedded, smooth),
            _ => bank.LargestCosineGradient(branch, embedded, form),
        };
        OnnxValue atOutput = network.Projection.Members == 1 ? largest
            : Flat(branch, DirectionGraph.Gradient(branch, ByMember(branch, projected), ByMember(branch, branch.Cast(largest, OnnxType.Double)), 2));
        OnnxValue atHidden = branch.Masked(branch.MatrixProduct(branch.Negate(atOutput), weights.Weight(output.weight!)), active);
        return branch.MatrixProduct(atHidden, weights.Weight(hidden.weight!));
    }

    /// <summary>∂p₁/∂logits = p₁ (e₁ - p), and of the log-odds e₁ - e₀, carried to the features.</summary>
    private OnnxValue ClassifierGradient(OnnxGraph branch, ScoreForm form, OnnxValue at)
    {
        Linear classifier = network.Classifier;
        OnnxValue logits = branch.Linear(at, weights.Weight(classifier.weight!), weights.Exact(classifier.bias!));
        OnnxValue probabilities = branch.Softmax(logits, 1);
        float[] anomalous = new float[classifier.out_features], odds = new float[classifier.out_features];
        (anomalous[1], odds[0], odds[1]) = (1, -1, 1);
        OnnxValue atLogits = form is LogOdds
            // Zero times the logits gives the constant a row for each image.
            ? branch.Add(branch.Multiply(logits, branch.Number(0f)), branch.Floats(odds, [1, odds.Length]))
            : branch.Multiply(
                branch.Gather(probabilities, branch.Integers([1], [1]), 1), branch.Subtract(branch.Floats(anomalous, [1, anomalous.Length]), probabilities));
        return branch.MatrixProduct(atLogits, weights.Weight(classifier.weight!));
    }

    private OnnxValue Logits() => graph.Cast(graph.Linear(features, weights.Weight(network.Classifier.weight!), weights.Exact(network.Classifier.bias!)), OnnxType.Double);

    private (OnnxValue Active, OnnxValue Projected, OnnxValue Embedding) Embed(OnnxGraph where, OnnxValue from)
    {
        (Linear hidden, Linear output) = network.Projection.Layers;
        OnnxValue active = where.Relu(where.Linear(from, weights.Weight(hidden.weight!), weights.Exact(hidden.bias!)));
        OnnxValue projected = where.Linear(active, weights.Weight(output.weight!), weights.Exact(output.bias!));
        if (network.Projection.Members == 1) return (active, projected, projected);
        OnnxValue directions = DirectionGraph.Normalize(where, ByMember(where, where.Cast(projected, OnnxType.Double)), 2);
        return (active, projected, where.Cast(Flat(where, directions), OnnxType.Float));
    }

    /// <summary>[B, members · D] to [B, members, D].</summary>
    private OnnxValue ByMember(OnnxGraph where, OnnxValue rows) =>
        where.Reshape(rows, where.Integers([0, network.Projection.Members, -1], [3]));

    /// <summary>And back.</summary>
    private static OnnxValue Flat(OnnxGraph where, OnnxValue parts) => where.Reshape(parts, where.Integers([0, -1], [2]));
}
