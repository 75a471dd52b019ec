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
    TimeSpan Duration, LedgerCheck Audit);
