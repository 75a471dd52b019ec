using static TorchSharp.torch;

namespace CobraAD.Losses;

/// <summary>L_Opposite alone: S_opp - log Z.</summary>
internal sealed class OppositeLoss(ContrastiveLossOptions options) : ContrastiveLoss(options)
{
    protected internal override Tensor Terms(PairSimilarities similarities) => Options.OppositeWeight * OppositeTerms(similarities);
}
