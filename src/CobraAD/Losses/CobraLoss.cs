using static TorchSharp.torch;

namespace CobraAD.Losses;

/// <summary>
/// L_COBRA = L_CL + w·L_Opposite (section 3 of the paper): Σ_P (log Z - S_p) + w (S_opp - log Z). Bounded, with an opposite force w
/// that never fades. Equation (3) itself takes the logarithm of a negative number; this is its sign moved outside.
/// </summary>
internal sealed class CobraLoss(ContrastiveLossOptions options) : ContrastiveLoss(options)
{
    protected internal override Tensor Terms(PairSimilarities similarities) =>
        PositiveTerms(similarities) + Options.OppositeWeight * OppositeTerms(similarities);
}
