using CobraAD.Detection;
using CobraAD.Methods.Common;
using CobraAD.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Released;

/// <summary>A(x) = -normality(x), the released code's score over T' views of K shifts; see <see cref="ReleasedReference"/>.</summary>
internal sealed class ReleasedDetector : MethodDetector<ReleasedOptions>
{
    private const int SurrogateNeighbours = 256;
    private const int ViewsAtOnce = 256;

    private readonly CobraNetwork network;
    private readonly CobraNetwork scoring;
    private readonly ReleasedReference reference;
    private readonly ReleasedViews views;

    /// <summary>Takes over the network and the reference.</summary>
    public ReleasedDetector(MethodCard<ReleasedOptions> card, CobraNetwork network, ReleasedReference reference)
        : base(card)
    {
        this.network = network;
        this.reference = reference;
        network.eval();
        scoring = network.Fold();
        views = new ReleasedViews(card.Options);
        Surrogates =
        [
            .. ((double[])[0.02, 0.1]).Select(temperature => new ScoreSurrogate(
                $"log-sum-exp of the similarities, temperature {temperature}",
                images => Scored(images, nearest => (nearest / temperature).logsumexp(2) * temperature, SurrogateNeighbours))),
            new ScoreSurrogate("mean of the 10 largest similarities", images => Scored(images, nearest => nearest.mean([2]), 10)),
        ];
    }

    public override Device Device => scoring.Device;

    public override IReadOnlyList<ScoreSurrogate> Surrogates { get; }

    protected override IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> Tensors => new Dictionary<string, IReadOnlyDictionary<string, Tensor>>
    {
        ["network"] = network.state_dict(),
        ["reference"] = new Dictionary<string, Tensor>
        {
            ["axes"] = reference.Axes,
            ["similarity"] = reference.SimilarityWeights,
            ["shift"] = reference.ShiftWeights,
        },
    };

    public override Tensor Score(Tensor images) => Scored(images);

    /// <summary>The two parts of the score under every shift, [B, 2 K].</summary>
    public override Tensor Outputs(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor features, Tensor logits) = Average(scoring, views, Options, images);
        return cat([reference.Similarities(features, 1).squeeze(2), reference.ShiftParts(logits)], 1).MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        network.Dispose();
        scoring.Dispose();
        reference.Dispose();
    }

    /// <summary>Features [B, K, d] and shift logits [B, K, K] of images, averaged over the views of each shift; the caller disposes both.</summary>
    internal static (Tensor Features, Tensor Logits) Average(CobraNetwork network, ReleasedViews views, ReleasedOptions options, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        // Without gradients, the maps of one part at a time are in memory.
        CobraOutput[] parts = [.. views.ForScore(images).split(ViewsAtOnce).Select(network.call)];
        return (Averaged(cat([.. parts.Select(part => part.Embeddings)])), Averaged(cat([.. parts.Select(part => part.Logits)])));

        Tensor Averaged(Tensor rows) => ReleasedReference.Average(rows.view(images.size(0), -1, rows.size(1)), options.Shifts).MoveToOuterDisposeScope();
    }

    /// <summary>The nearest training image is the image itself, so the second counts.</summary>
    protected override Tensor ScoreTrainingImages(Tensor images) => Scored(images, nearest => nearest.select(2, nearest.size(2) - 1), 2);

    /// <summary>The score, if need be with the similarities [B, K, most] brought to one number for each shift in another way.</summary>
    private Tensor Scored(Tensor images, Func<Tensor, Tensor>? similarity = null, int most = 1)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor features, Tensor logits) = Average(scoring, views, Options, images);
        return reference.Normality(features, logits, most, similarity).neg().MoveToOuterDisposeScope();
    }
}
