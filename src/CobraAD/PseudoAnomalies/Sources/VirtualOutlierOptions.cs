using CobraAD.Validation;

namespace CobraAD.PseudoAnomalies.Sources;

/// <summary>How virtual outliers are drawn. The defaults are those of VOS (Du et al. 2022).</summary>
public sealed record VirtualOutlierOptions
{
    /// <summary>The latest features of normal images that the Gaussian is fitted to.</summary>
    /// <value>1000 by default, 2 to 1000000.</value>
    public int QueueLength { get; init; } = 1000;

    /// <summary>Points drawn from the Gaussian in each step; the least likely ones, as many as there are normal images in the step, are kept.</summary>
    /// <value>10000 by default, 2 to 10000000.</value>
    public int Draws { get; init; } = 10_000;

    /// <summary>Added to the diagonal of the covariance, so that a feature that never changes does not make it singular.</summary>
    /// <value>1e-4 by default, 1e-12 to 1.</value>
    public double Regularization { get; init; } = 1e-4;

    /// <summary>
    /// The first epoch with outliers, from 0. Until then, and while the queue holds neither <see cref="QueueLength"/> features nor
    /// one for each image, training runs as with the source "none".
    /// </summary>
    /// <value><see langword="null"/> by default: after 40 % of the epochs. Otherwise at least 0 and below the number of epochs.</value>
    public int? StartEpoch { get; init; }

    /// <summary>The first epoch with outliers in a training of some epochs.</summary>
    internal int FirstEpoch(int epochs) => StartEpoch ?? (int)(0.4 * epochs);

    /// <summary>Checks that outliers begin before a training ends, and that there is one for each normal image of a step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They do not.</exception>
    internal void ValidateFor(int epochs, int batchSize)
    {
        OptionCheck.Require(FirstEpoch(epochs), 0, epochs - 1, nameof(StartEpoch));
        OptionCheck.Require(Draws, batchSize, 10_000_000);
    }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(QueueLength, 2, 1_000_000);
        OptionCheck.Require(Draws, 2, 10_000_000);
        OptionCheck.Require(Regularization, 1e-12, 1);
        OptionCheck.RequireAtLeast(StartEpoch, 0);
    }
}
