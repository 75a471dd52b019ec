using CobraAD.Detection;
using CobraAD.Methods.Common;
using CobraAD.Networks;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Shifts;

/// <summary>A(x) = -normality(x), the score over T' views of K shifts; see <see cref="ShiftReference"/>.</summary>
internal sealed class ShiftDetector<TOptions> : MethodDetector<TOptions>, IShiftDetector
    where TOptions : DetectorOptions, IShiftOptions
{
    private const int SurrogateNeighbours = 256;
    private const int ViewsAtOnce = 256;

    /// <summary>84 views of 224 × 224, whose maps take a ResNet-18 of full width about a gigabyte.</summary>
    private const int PixelsAtOnce = 1 << 22;

    private readonly CobraNetwork network;
    private readonly CobraNetwork scoring;
    private readonly ShiftReference reference;
    private readonly ShiftViews views;

    /// <summary>Takes over the network and the reference.</summary>
    public ShiftDetector(MethodCard<TOptions> card, CobraNetwork network, ShiftViews views, ShiftReference reference)
        : base(card)
    {
        this.network = network;
        this.reference = reference;
        network.eval();
        scoring = network.Fold();
        this.views = views;
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

    IShiftOptions IShiftDetector.Shifts => Options;

    CobraNetwork IShiftDetector.Network => scoring;

    ShiftViews IShiftDetector.Views => views;

    ShiftReference IShiftDetector.Reference => reference;

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
        (Tensor features, Tensor logits) = Averaged(images);
        return cat([reference.Similarities(features, 1).squeeze(2), reference.ShiftParts(logits)], 1).MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        network.Dispose();
        scoring.Dispose();
        reference.Dispose();
    }

    /// <summary>Features [B, K, d] and shift logits [B, K, K] of images; the caller disposes both.</summary>
    private (Tensor Features, Tensor Logits) Averaged(Tensor images)
    {
        using Tensor both = Average(scoring, views, Options, images);
        return Divided(both, Options);
    }

    /// <summary>Features and shift logits of images side by side, averaged over the views of each shift, [B, K, d + K]; the caller disposes them.</summary>
    private static Tensor Average(CobraNetwork network, ShiftViews views, TOptions options, Tensor images)
    {
        long together = Math.Min(ViewsAtOnce, PixelsAtOnce / (images.size(2) * images.size(3))) / (options.Shifts * Math.Max(1, options.ScoreViews));
        return PartedPass.Of(images, Math.Max(1, together), part => Shown(network, views, options, part));
    }

    private static (Tensor Features, Tensor Logits) Divided(Tensor both, TOptions options) =>
        (both.narrow(2, 0, options.Network.EmbeddingSize), both.narrow(2, options.Network.EmbeddingSize, options.Shifts));

    private static Tensor Shown(CobraNetwork network, ShiftViews views, TOptions options, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        CobraOutput output = network.call(views.ForScore(images));
        Tensor rows = cat([output.Embeddings, output.Logits], 1);
        return ShiftReference.Average(rows.view(images.size(0), -1, rows.size(1)), options.Shifts).MoveToOuterDisposeScope();
    }

    /// <summary>The detector of a network that is trained, compared with all training images.</summary>
    public static ShiftDetector<TOptions> Of(TOptions options, TrainingLoop run, CobraNetwork network, ShiftViews views, Func<MethodCard<TOptions>> finish)
    {
        network.eval();
        return new ShiftDetector<TOptions>(finish(), network, views, Reference(options, run, network, views));
    }

    /// <summary>The nearest training image is the image itself, so the second counts.</summary>
    protected override Tensor ScoreTrainingImages(Tensor images) => Scored(images, nearest => nearest.select(2, nearest.size(2) - 1), 2);

    private static ShiftReference Reference(TOptions options, TrainingLoop run, CobraNetwork network, ShiftViews views)
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork folded = network.Fold();
        (Tensor features, Tensor logits) = Divided(run.ForAll(images => Average(folded, views, options, images)), options);
        return ShiftReference.Of(features, logits);
    }

    /// <summary>The score, if need be with the similarities [B, K, most] brought to one number for each shift in another way.</summary>
    private Tensor Scored(Tensor images, Func<Tensor, Tensor>? similarity = null, int most = 1)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor features, Tensor logits) = Averaged(images);
        return reference.Normality(features, logits, most, similarity).neg().MoveToOuterDisposeScope();
    }
}
