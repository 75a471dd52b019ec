using static TorchSharp.torch;

namespace CobraAD.Losses;

/// <summary>
/// Equation (2). With the margin m = S_p - S_opp it is the ordinary contrastive term plus a barrier:
/// -log[(e^{S_p} - e^{S_opp})/Z] = (log Z - S_p) - log(1 - e^{-m}). The barrier's form for small m is the caller's choice.
/// </summary>
internal sealed class MarginLoss(ContrastiveLossOptions options, Func<Tensor, Tensor> barrier) : ContrastiveLoss(options)
{
    protected internal override Tensor Terms(PairSimilarities similarities)
    {
        // Anchors without an opposite get a margin far above any floor, so that they can neither count as violated nor overflow.
        Tensor absent = similarities.HasOpposite.eq(0).unsqueeze(1);
        Tensor margins = (similarities.Positives - similarities.Opposites).masked_fill(absent, MarginBarrier.Vanished);
        return PositiveTerms(similarities) + Options.BarrierWeight * barrier(margins).sum(1) * similarities.HasOpposite;
    }
}
