using static TorchSharp.torch;

namespace CobraAD.Losses;

/// <summary>What a contrastive loss is a function of: similarities of anchors to keys, S = cos/t, and which of them play which part.</summary>
/// <param name="All">S, [A, K].</param>
/// <param name="LogNormalizer">log Z of each anchor over its denominator, [A, 1].</param>
/// <param name="Positives">S of the positives, [A, P].</param>
/// <param name="Opposites">S of the opposites: one for each anchor, [A, 1], or one for each positive, [A, P].</param>
/// <param name="HasOpposite">1 where the anchor has an opposite term and 0 elsewhere, [A].</param>
/// <param name="SameGroup">1 for keys of the anchor's own group but itself and 0 elsewhere, [A, K].</param>
internal sealed record PairSimilarities(Tensor All, Tensor LogNormalizer, Tensor Positives, Tensor Opposites, Tensor HasOpposite, Tensor SameGroup)
{
    /// <summary>Embeddings of all views against each other: a row is an anchor and, for all other rows, a key.</summary>
    internal static PairSimilarities AmongViews(Tensor similarities, PairLayout layout, bool excludeSameGroup, bool adversarialOpposite)
    {
        long anchors = similarities.size(0);
        Device device = similarities.device;
        Tensor self = eye(layout.Rows, dtype: ScalarType.Bool, device: device);
        Tensor sameGroup = layout.SameGroup(device);
        Tensor excluded = excludeSameGroup ? self | (sameGroup & ~layout.SameSample(device)) : self;
        int withOpposite = !layout.HasAnomalies ? 0 : adversarialOpposite ? layout.Rows : PairLayout.LightViews * layout.Samples;
        Tensor hasOpposite = arange(anchors, ScalarType.Int64, device).lt(withOpposite);
        return new PairSimilarities(
            similarities,
            LogSum(similarities, excluded.narrow(0, 0, anchors)),
            similarities.gather(1, layout.Positives(device).narrow(0, 0, anchors)),
            similarities.gather(1, layout.Opposites(device).narrow(0, 0, anchors)),
            hasOpposite.to(similarities.dtype),
            (sameGroup & ~self).narrow(0, 0, anchors).to(similarities.dtype));
    }

    /// <summary>One adversarial row of each sample against the fixed embeddings of both light views of all samples.</summary>
    internal static PairSimilarities AgainstKeys(Tensor similarities, PairLayout layout, bool excludeSameGroup)
    {
        PairLayout keys = layout with { Views = PairLayout.LightViews };
        long anchors = keys.Samples;
        Device device = similarities.device;
        Tensor sameGroup = keys.SameGroup(device).narrow(0, 0, anchors);
        Tensor index = arange(keys.Rows, ScalarType.Int64, device).view(PairLayout.LightViews, anchors).t();
        Tensor opposites = keys.Opposites(device).view(PairLayout.LightViews, anchors).t();
        Tensor excluded = excludeSameGroup ? sameGroup & ~keys.SameSample(device).narrow(0, 0, anchors) : zeros_like(sameGroup);
        return new PairSimilarities(
            similarities,
            LogSum(similarities, excluded),
            similarities.gather(1, index),
            similarities.gather(1, opposites),
            full([anchors], layout.HasAnomalies ? 1 : 0, similarities.dtype, device),
            sameGroup.to(similarities.dtype));
    }

    /// <summary>Masked with -∞, whose exponential and gradient are exactly 0; at least one key of each row remains.</summary>
    private static Tensor LogSum(Tensor similarities, Tensor excluded) =>
        similarities.masked_fill(excluded, double.NegativeInfinity).logsumexp(1, keepdim: true);
}
