using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Crafting;

/// <summary>
/// The empirical p-value of an embedding under a mixture: p(x) = #{i : ℓ_i ≤ ℓ(x)} / n, with ℓ the log-likelihood and ℓ_i that of n
/// reference images (paper, section 3.1; decision "held-out p-values"). Small: unlikely to be normal.
/// </summary>
internal sealed class LikelihoodFilter : IDisposable
{
    private const int Folds = 5;

    private readonly GaussianMixture mixture;
    private readonly Tensor reference;

    private LikelihoodFilter(GaussianMixture mixture, Tensor reference)
    {
        this.mixture = mixture;
        this.reference = reference.DetachFromDisposeScope();
    }

    /// <summary>Number of reference images: p-values are multiples of 1 / this.</summary>
    public int ReferenceCount => (int)reference.numel();

    /// <summary>Length of an embedding.</summary>
    public int Dimensions => mixture.Dimensions;

    /// <summary>Fits the mixture on some embeddings and takes the reference from others. The caller disposes the filter.</summary>
    /// <param name="fit">[n, d] of the images to fit on.</param>
    /// <param name="reference">[m, d] of images that the mixture does not see; the same tensor for in-sample p-values.</param>
    /// <param name="options">How the mixture is fitted.</param>
    /// <param name="rng">CPU generator of the starts.</param>
    public static LikelihoodFilter Fit(Tensor fit, Tensor reference, GaussianMixtureOptions options, Generator rng)
    {
        GaussianMixture mixture = GaussianMixture.Fit(fit, options, rng);
        return new LikelihoodFilter(mixture, mixture.LogDensity(reference));
    }

    /// <summary>Takes each reference likelihood from a mixture fitted on the other four fifths of the embeddings. The caller disposes the filter.</summary>
    /// <param name="rows">[n, d], at least ten.</param>
    /// <param name="options">How the mixtures are fitted.</param>
    /// <param name="rng">CPU generator of the folds and the starts.</param>
    public static LikelihoodFilter CrossFit(Tensor rows, GaussianMixtureOptions options, Generator rng)
    {
        using var scope = NewDisposeScope();
        Tensor data = rows.detach().cpu(), order = randperm(data.size(0), ScalarType.Int64, CPU, generator: rng);
        Tensor[] heldOut = new Tensor[Folds];
        for (int fold = 0; fold < Folds; fold++)
        {
            Tensor inFold = arange(data.size(0)).remainder(Folds).eq(fold);
            using GaussianMixture mixture = GaussianMixture.Fit(data.index_select(0, order[inFold.logical_not()]), options, rng);
            heldOut[fold] = mixture.LogDensity(data.index_select(0, order[inFold]));
        }

        return new LikelihoodFilter(GaussianMixture.Fit(data, options, rng), cat(heldOut));
    }

    /// <summary>ℓ of each embedding. The caller disposes the result.</summary>
    /// <param name="rows">[n, d] on any device.</param>
    /// <returns>float64 [n] on the CPU.</returns>
    public Tensor LogLikelihood(Tensor rows) => mixture.LogDensity(rows);

    /// <summary>p of each log-likelihood; ties count, so that the least likely reference image has 1/m. The caller disposes the result.</summary>
    /// <param name="logLikelihoods">float64 [n] on the CPU.</param>
    /// <returns>float64 [n] on the CPU, multiples of 1/m from 0 to 1.</returns>
    public Tensor PValue(Tensor logLikelihoods)
    {
        using var scope = NewDisposeScope();
        return reference.unsqueeze(0).le(logLikelihoods.unsqueeze(1)).to(ScalarType.Float64).mean([1]).MoveToOuterDisposeScope();
    }

    /// <summary>ℓ of each embedding, connected to the embeddings in the autograd graph. The caller disposes the result.</summary>
    /// <param name="rows">[n, d] on any device.</param>
    /// <returns>float64 [n] on the rows' device.</returns>
    internal Tensor DifferentiableLogLikelihood(Tensor rows) => mixture.DifferentiableLogDensity(rows);

    /// <inheritdoc/>
    public void Dispose()
    {
        mixture.Dispose();
        reference.Dispose();
    }

    /// <summary>The mixture and the reference by name, still owned by this filter.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> Export() =>
        mixture.Export().Select(pair => KeyValuePair.Create("mixture." + pair.Key, pair.Value)).Append(KeyValuePair.Create("reference", reference));

    /// <summary>A filter from copies of exported tensors.</summary>
    internal static LikelihoodFilter Import(Func<string, Tensor> read) => new(GaussianMixture.Import(name => read("mixture." + name)), read("reference").clone());
}
