using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Losses;

/// <summary>
/// What COBRA trains: the contrastive loss of the embeddings plus the weighted classification loss of the logits. The same sum is
/// what its training attack raises.
/// </summary>
/// <param name="contrastive">The contrastive part; its reduction also holds for the classification part.</param>
/// <param name="classificationWeight">Weight of L_CLS; the paper has 1.</param>
/// <param name="members">How many networks side by side embeddings and logits are of; each has its own losses, and their mean is taken.</param>
internal sealed class CobraObjective(ContrastiveLoss contrastive, double classificationWeight = 1, int members = 1)
{
    /// <summary>The contrastive part.</summary>
    public ContrastiveLoss Contrastive { get; } = contrastive ?? throw new ArgumentNullException(nameof(contrastive));

    /// <summary>Weight of the classification loss.</summary>
    public double ClassificationWeight { get; } = classificationWeight is >= 0 and <= 1000
        ? classificationWeight
        : throw new ArgumentOutOfRangeException(nameof(classificationWeight), classificationWeight, "The classification weight must be between 0 and 1000.");

    /// <summary>Weight of what draws an attacked view to its image (<see cref="Inconsistency"/>).</summary>
    public double ConsistencyWeight { get; init; }

    /// <summary>The loss of all views of a batch, whole and in parts; the caller disposes them.</summary>
    /// <param name="embeddings">[rows of the layout, d].</param>
    /// <param name="logits">[rows of the layout, members · 2].</param>
    /// <param name="layout">Which row is what; it also gives the labels.</param>
    public ObjectiveParts Outer(Tensor embeddings, Tensor logits, PairLayout layout)
    {
        ArgumentNullException.ThrowIfNull(logits);
        using DisposeScope scope = NewDisposeScope();
        Tensor contrast = OverMembers(member => Contrastive.Outer(Part(embeddings, member), layout));
        Tensor labels = layout.Labels(logits.device);
        Tensor classification = OverMembers(member => ClassificationLoss.Value(Part(logits, member), labels, Contrastive.Options.Reduction));
        Tensor total = contrast + ClassificationWeight * classification;
        if (ConsistencyWeight > 0) total = total + ConsistencyWeight * OverMembers(member => Inconsistency(Part(embeddings, member), layout, Contrastive.Options.Reduction));
        return new ObjectiveParts(total.MoveToOuterDisposeScope(), contrast.MoveToOuterDisposeScope(), classification.MoveToOuterDisposeScope());
    }

    /// <summary>What the training attack raises for each sample, to be summed; the caller disposes it.</summary>
    /// <param name="embeddings">Of the attacked samples, [2b, d].</param>
    /// <param name="logits">Of the attacked samples, [2b, members · 2].</param>
    /// <param name="keys">Detached embeddings of both light views, view-major, [4b, d].</param>
    /// <param name="layout">Which row is what; it also gives the labels.</param>
    /// <returns>[2b].</returns>
    public Tensor Inner(Tensor embeddings, Tensor logits, Tensor keys, PairLayout layout)
    {
        ArgumentNullException.ThrowIfNull(logits);
        using DisposeScope scope = NewDisposeScope();
        Tensor labels = layout.Labels(logits.device).narrow(0, 0, layout.Samples);
        return OverMembers(member =>
            Contrastive.Inner(Part(embeddings, member), Part(keys, member), layout) + ClassificationWeight * ClassificationLoss.PerRow(Part(logits, member), labels)).MoveToOuterDisposeScope();
    }

    /// <summary><see cref="Inner(Tensor, Tensor, Tensor, PairLayout)"/> of some of the samples, which do not depend on the others.</summary>
    internal Tensor Inner(Tensor embeddings, Tensor logits, Tensor keys, PairLayout layout, Tensor samples)
    {
        using DisposeScope scope = NewDisposeScope();
        // The places of the others hold their own keys, whose terms are finite and are dropped.
        Tensor allEmbeddings = keys.narrow(0, 0, layout.Samples).index_copy(0, samples, embeddings);
        Tensor allLogits = logits.new_zeros(layout.Samples, logits.size(1)).index_copy(0, samples, logits);
        return Inner(allEmbeddings, allLogits, keys, layout).index_select(0, samples).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// How wrong a score by the cosine to the normals' center is about attacked samples: the cosine for pseudo-anomalies, its negative for normals, divided by
    /// the temperature of the loss. The center is the mean direction of the normals' light views. The caller disposes it.
    /// </summary>
    /// <param name="embeddings">Of the samples, [n, d].</param>
    /// <param name="keys">Detached embeddings of both light views of all samples, view-major, [4b, d].</param>
    /// <param name="layout">Which row is what.</param>
    /// <param name="samples">int64 [n], which samples they are.</param>
    /// <returns>[n].</returns>
    internal Tensor ScoreError(Tensor embeddings, Tensor keys, PairLayout layout, Tensor samples)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor normals = UnitLength.Of(keys).view(PairLayout.LightViews, layout.Samples, -1).narrow(1, 0, layout.Pairs);
        Tensor cosines = UnitLength.Of(embeddings).mv(UnitLength.Of(normals.mean([0L, 1]))) / Contrastive.Options.Temperature;
        return where(samples.lt(layout.Pairs), -cosines, cosines).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// How far attacked views lie from their images, 1 - cos to the mean direction of an image's light views: what TRADES (Zhang et al. 2019) asks of
    /// predictions, asked of embeddings. The caller disposes it.
    /// </summary>
    /// <param name="embeddings">[rows of the layout, d].</param>
    /// <param name="layout">Which row is what.</param>
    /// <param name="reduction">Mean or sum over the attacked rows.</param>
    /// <returns>A scalar from 0; 0 where nothing is attacked.</returns>
    internal static Tensor Inconsistency(Tensor embeddings, PairLayout layout, LossReduction reduction)
    {
        using DisposeScope scope = NewDisposeScope();
        if (layout.Views == PairLayout.LightViews) return embeddings.new_zeros([]).MoveToOuterDisposeScope();
        Tensor[] views = UnitLength.Of(embeddings).view(layout.Views, layout.Samples, -1).split([PairLayout.LightViews, layout.Views - PairLayout.LightViews]);
        Tensor distances = 1 - (views[1] * UnitLength.Of(views[0].mean([0L]))).sum([-1L]);
        return (reduction == LossReduction.Mean ? distances.mean() : distances.sum()).MoveToOuterDisposeScope();
    }

    private Tensor OverMembers(Func<int, Tensor> loss) => members == 1 ? loss(0) : stack([.. Enumerable.Range(0, members).Select(loss)]).mean([0L]);

    private Tensor Part(Tensor joined, int member) => members == 1 ? joined : joined.chunk(members, 1)[member];

    /// <summary>
    /// Which attacked samples have crossed: nearer to the light views of their opposite than to their own, and on the wrong side of H.
    /// </summary>
    /// <returns>bool, one for each of <paramref name="samples"/>; the caller disposes it.</returns>
    internal static Tensor Crossed(Tensor embeddings, Tensor logits, Tensor keys, PairLayout layout, Tensor samples)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor directions = nn.functional.normalize(keys, dim: 1).view(PairLayout.LightViews, layout.Samples, -1).sum([0]);
        Tensor own = (embeddings * directions.index_select(0, samples)).sum([1]);
        Tensor opposite = (embeddings * directions.index_select(0, (samples + layout.Pairs) % layout.Samples)).sum([1]);
        Tensor wrong = logits.argmax(1).ne(samples.ge(layout.Pairs).to(ScalarType.Int64));
        return (opposite.gt(own) & wrong).MoveToOuterDisposeScope();
    }
}
