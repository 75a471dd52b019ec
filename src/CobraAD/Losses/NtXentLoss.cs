using static TorchSharp.torch;

namespace CobraAD.Losses;

/// <summary>L_CL, equation (1): Σ_P (log Z - S_p), without opposites; what the released code trains.</summary>
internal sealed class NtXentLoss(ContrastiveLossOptions options) : ContrastiveLoss(options)
{
    protected internal override Tensor Terms(PairSimilarities similarities) => PositiveTerms(similarities);
}
