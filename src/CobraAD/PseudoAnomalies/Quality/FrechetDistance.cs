using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Quality;

/// <summary>
/// ‖μ₁ - μ₂‖² + tr(Σ₁ + Σ₂ - 2 (Σ₁Σ₂)^½): the squared Fréchet distance of two Gaussians fitted to features (paper, Table 8). It is the
/// "FID" only on the features of the FID's own Inception network; on any others it is a distance of its own scale.
/// </summary>
/// <remarks>
/// tr (Σ₁Σ₂)^½ = Σ √eig(Σ₁^½ Σ₂ Σ₁^½): that matrix is symmetric, so its eigenvalues are real and the solver is several times faster
/// than one for Σ₁Σ₂. Rounding can leave them a little below 0, where they are taken as 0.
/// </remarks>
internal static class FrechetDistance
{
    /// <summary>The distance between two sets of features.</summary>
    /// <param name="real">[n, d], n ≥ 2.</param>
    /// <param name="made">[m, d], m ≥ 2.</param>
    /// <returns>At least 0 up to rounding. With n or m below d the covariances are singular and the value is biased upwards.</returns>
    /// <exception cref="ArgumentException">A tensor is not a matrix with at least two rows, or the widths differ.</exception>
    public static double Between(Tensor real, Tensor made)
    {
        FeatureMatrix.Check(real, made, fewest: 2);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        (Tensor realMean, Tensor realCovariance) = Moments(FeatureMatrix.Exact(real));
        (Tensor madeMean, Tensor madeCovariance) = Moments(FeatureMatrix.Exact(made));

        (Tensor values, Tensor vectors) = linalg.eigh(realCovariance);
        Tensor root = (vectors * values.clamp_min(0).sqrt()).mm(vectors.t());
        Tensor traceOfRoot = linalg.eigvalsh(root.mm(madeCovariance).mm(root)).clamp_min(0).sqrt().sum();
        Tensor distance = (realMean - madeMean).square().sum() + realCovariance.diagonal().sum() + madeCovariance.diagonal().sum() - 2 * traceOfRoot;
        return distance.item<double>();
    }

    /// <summary>Mean and unbiased covariance.</summary>
    private static (Tensor Mean, Tensor Covariance) Moments(Tensor rows)
    {
        Tensor mean = rows.mean([0]), centred = rows - mean;
        return (mean, centred.t().mm(centred) / (rows.size(0) - 1));
    }
}
