using static TorchSharp.torch;

namespace CobraAD.Losses;

/// <summary>Nothing, so that the classification loss acts alone.</summary>
internal sealed class NoContrastiveLoss(ContrastiveLossOptions options) : ContrastiveLoss(options)
{
    protected internal override Tensor Terms(PairSimilarities similarities) => zeros_like(similarities.HasOpposite);
}
