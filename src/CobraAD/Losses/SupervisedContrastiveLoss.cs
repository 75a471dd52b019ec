using static TorchSharp.torch;

namespace CobraAD.Losses;

/// <summary>L_SupCL of Khosla et al. (2020): the mean of log Z - S over all rows of the anchor's own group.</summary>
internal sealed class SupervisedContrastiveLoss(ContrastiveLossOptions options) : ContrastiveLoss(options)
{
    protected internal override Tensor Terms(PairSimilarities similarities) =>
        (Surprise(similarities, similarities.All) * similarities.SameGroup).sum(1) / similarities.SameGroup.sum(1);
}
