using CobraAD.Validation;

namespace CobraAD.PseudoAnomalies.Crafting;

/// <summary>How a mixture of Gaussians is fitted.</summary>
public sealed record GaussianMixtureOptions
{
    /// <summary>Number of components, or the largest number tried when <see cref="SelectByBic"/> is set.</summary>
    /// <value>1 by default (decision D16), 1 to 64.</value>
    public int Components { get; init; } = 1;

    /// <summary>Whether the number of components from 1 to <see cref="Components"/> with the lowest BIC is taken.</summary>
    /// <value><see langword="false"/> by default.</value>
    public bool SelectByBic { get; init; }

    /// <summary>Shape of the covariances.</summary>
    /// <value><see cref="CovarianceKind.Full"/> by default.</value>
    public CovarianceKind Covariance { get; init; } = CovarianceKind.Full;

    /// <summary>What is added to every variance, as a multiple of the mean variance of the data.</summary>
    /// <value>
    /// <see langword="null"/> by default: 1e-3 for full covariances of at most ten rows per dimension, which would be close to singular
    /// (decision "held-out p-values"), 1e-6 otherwise.
    /// </value>
    public double? Regularization { get; init; }

    /// <summary>Starts of EM; the one with the highest likelihood is kept. One component needs only one.</summary>
    /// <value>5 by default, 1 to 100.</value>
    public int Starts { get; init; } = 5;

    /// <summary>Largest number of EM iterations.</summary>
    /// <value>200 by default, 1 to 100000.</value>
    public int MaxIterations { get; init; } = 200;

    /// <summary>EM stops when the mean log-likelihood changes by less.</summary>
    /// <value>1e-6 by default, above 0.</value>
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(Components, 1, 64);
        OptionCheck.Require(Regularization, 0, 1);
        OptionCheck.Require(Starts, 1, 100);
        OptionCheck.Require(MaxIterations, 1, 100000);
        OptionCheck.Require(Tolerance, 1e-300, 1);
    }
}
