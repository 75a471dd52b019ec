using System.Globalization;
using CobraAD.Attacks;
using CobraAD.Attacks.Records;
using CobraAD.Evaluation.Metrics;

namespace CobraAD.Evaluation.Robustness;

/// <summary>What one attack of the list achieved and cost.</summary>
/// <param name="Name">The attack's short name.</param>
/// <param name="Recipe">The attack with all its options; <see cref="AttackRecipe.Parse"/> reads it back.</param>
/// <param name="Worst">The worst-case scores over everything this attack evaluated and the clean images, recomputed by the audit.</param>
/// <param name="ForwardPasses">Passes of one image through the detector.</param>
/// <param name="BackwardPasses">Gradients taken back to one image.</param>
/// <param name="UnusableGradients">How many of these gradients were zero or not finite.</param>
/// <param name="RankBroken">Images that ended rank-broken: beyond every image of the other class.</param>
/// <param name="Duration">Wall time, over all sittings of an interrupted run.</param>
/// <param name="Audit">What the fresh pass over the recorded points found.</param>
public sealed record AttackOutcome(
    string Name, string Recipe, ScoredImages Worst, long ForwardPasses, long BackwardPasses, long UnusableGradients, int RankBroken,
    TimeSpan Duration, LedgerCheck Audit)
{
    /// <summary>The name with the share of unusable gradients, where there were any: an attack that steps at random is not what its name says.</summary>
    public string QualifiedName => UnusableGradients == 0 ? Name : $"{Name}, {UnusableShare} of its gradients unusable";

    /// <summary>How many of the gradients were unusable, as text that never rounds some to none or to all.</summary>
    internal string UnusableShare
    {
        get
        {
            double percent = 100.0 * UnusableGradients / BackwardPasses;
            return percent < 1 ? "less than 1 %" : percent is > 99 and < 100 ? "over 99 %" : string.Create(CultureInfo.InvariantCulture, $"{percent:0} %");
        }
    }
}
