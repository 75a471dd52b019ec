using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Losses;

/// <summary>
/// A contrastive loss over views, positives and opposites. The same terms are minimised in training (<see cref="Outer"/>) and
/// maximised by the training attack (<see cref="Inner"/>); a loss says only what one anchor contributes (<see cref="Terms"/>).
/// </summary>
/// <remarks>S = z·zᵀ/t with z = e/(‖e‖ + 1e-8): one product of matrices for all pairs.</remarks>
internal abstract class ContrastiveLoss(ContrastiveLossOptions options)
{
    /// <summary>Constants.</summary>
    public ContrastiveLossOptions Options { get; } = options;

    /// <summary>The loss of a batch: the anchors' values, reduced. The caller disposes it.</summary>
    /// <param name="embeddings">[rows of the layout, d], float32 or float64, not normalised.</param>
    /// <param name="layout">Which row is what.</param>
    /// <returns>A scalar.</returns>
    /// <exception cref="ArgumentException">The number of rows does not fit the layout.</exception>
    /// <exception cref="InvalidOperationException">A strict margin is not positive.</exception>
    public Tensor Outer(Tensor embeddings, PairLayout layout)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = PerAnchor(embeddings, layout);
        return (Options.Reduction == LossReduction.Mean ? values.mean() : values.sum()).MoveToOuterDisposeScope();
    }

    /// <summary>What each anchor contributes to <see cref="Outer"/>; the caller disposes it.</summary>
    /// <param name="embeddings">[rows of the layout, d], float32 or float64, not normalised.</param>
    /// <param name="layout">Which row is what.</param>
    /// <returns>[rows of the layout], or [2 · samples] when only the light views are anchors.</returns>
    /// <exception cref="ArgumentException">The number of rows does not fit the layout.</exception>
    /// <exception cref="InvalidOperationException">A strict margin is not positive.</exception>
    public Tensor PerAnchor(Tensor embeddings, PairLayout layout)
    {
        Check(embeddings, layout, layout.Rows);
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = UnitLength.Of(embeddings);
        Tensor anchors = Options.FirstTwoAnchors ? rows.narrow(0, 0, PairLayout.LightViews * layout.Samples) : rows;
        Tensor similarities = anchors.mm(rows.t()) / Options.Temperature;
        return Terms(PairSimilarities.AmongViews(similarities, layout, Options.ExcludeSameGroup, Options.AdversarialOpposite)).MoveToOuterDisposeScope();
    }

    /// <summary>What the training attack raises for each sample, to be summed; the caller disposes it.</summary>
    /// <remarks>Rows meet only through the keys, so the gradient of a row does not depend on the other rows of the batch.</remarks>
    /// <param name="adversarial">Embeddings of the attacked samples, [2b, d].</param>
    /// <param name="keys">Detached embeddings of both light views of all samples, view-major, [4b, d].</param>
    /// <param name="layout">Which row is what; its number of views plays no part.</param>
    /// <returns>[2b].</returns>
    /// <exception cref="ArgumentException">A number of rows does not fit the layout.</exception>
    /// <exception cref="InvalidOperationException">A strict margin is not positive.</exception>
    public Tensor Inner(Tensor adversarial, Tensor keys, PairLayout layout)
    {
        Check(adversarial, layout, layout.Samples);
        Check(keys, layout, PairLayout.LightViews * layout.Samples);
        using DisposeScope scope = NewDisposeScope();
        Tensor similarities = UnitLength.Of(adversarial).mm(UnitLength.Of(keys).t()) / Options.Temperature;
        return Terms(PairSimilarities.AgainstKeys(similarities, layout, Options.ExcludeSameGroup)).MoveToOuterDisposeScope();
    }

    /// <summary>What each anchor contributes, given its similarities.</summary>
    /// <param name="similarities">Similarities of the anchors to the keys, by the part they play.</param>
    /// <returns>[A].</returns>
    protected internal abstract Tensor Terms(PairSimilarities similarities);

    /// <summary>log Z - S of chosen pairs: how surprising it is to pick this key out of the anchor's denominator.</summary>
    /// <param name="similarities">Similarities of the anchors to the keys.</param>
    /// <param name="chosen">S of the pairs, [A, any].</param>
    /// <returns>The shape of <paramref name="chosen"/>.</returns>
    protected Tensor Surprise(PairSimilarities similarities, Tensor chosen)
    {
        if (Options.Stabilizer == 0) return similarities.LogNormalizer - chosen;

        // -log(e^S/(Z + δ) + δ), the released code's form, which caps the surprise at -log δ.
        Tensor floor = full_like(similarities.LogNormalizer, Math.Log(Options.Stabilizer));
        return ((chosen - similarities.LogNormalizer.logaddexp(floor)).exp() + Options.Stabilizer).log().neg();
    }

    /// <summary>L_CL of equation (1): the surprise of every positive.</summary>
    /// <param name="similarities">Similarities of the anchors to the keys.</param>
    /// <returns>[A].</returns>
    protected Tensor PositiveTerms(PairSimilarities similarities) =>
        Surprise(similarities, similarities.Positives).sum(1);

    /// <summary>L_Opposite with its sign outside the logarithm: S_opp - log Z, averaged over the anchor's opposites.</summary>
    /// <param name="similarities">Similarities of the anchors to the keys.</param>
    /// <returns>[A], 0 for anchors without an opposite.</returns>
    protected Tensor OppositeTerms(PairSimilarities similarities) =>
        Surprise(similarities, similarities.Opposites).mean([1]).neg() * similarities.HasOpposite;

    private static void Check(Tensor embeddings, PairLayout layout, int rows)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        ArgumentNullException.ThrowIfNull(layout);
        layout.Validate();
        if (embeddings.dim() != 2 || embeddings.size(0) != rows)
            throw new ArgumentException($"Expected embeddings [{rows}, d] for {layout}, found [{string.Join(", ", embeddings.shape)}].", nameof(embeddings));
    }
}
