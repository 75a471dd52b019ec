using CobraAD.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Transformaly;

/// <summary>
/// ln N(x; μ, Σ) = -½ (d ln 2π + ‖R (x - μ)‖²) + ln |det R| with a whitening R, Rᵀ R = Σ⁻¹, in float64. Of a part of the directions, R has fewer rows than
/// columns and the density is that of the whitened coordinates.
/// </summary>
internal sealed class Gaussian : IDisposable
{
    private readonly Tensor mean;
    private readonly Tensor root;
    private readonly Tensor constant;

    /// <summary>Takes over the tensors.</summary>
    private Gaussian(Tensor mean, Tensor root, Tensor constant)
    {
        this.mean = mean.DetachFromDisposeScope();
        this.root = root.DetachFromDisposeScope();
        this.constant = constant.DetachFromDisposeScope();
    }

    /// <summary>Number of whitened coordinates.</summary>
    public long Dimensions => root.size(0);

    /// <summary>What a file needs; owned by the Gaussian.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => new Dictionary<string, Tensor> { ["mean"] = mean, ["root"] = root, ["constant"] = constant };

    /// <summary>Mean, and covariance plus a multiple of the identity, of rows; the caller disposes it.</summary>
    /// <param name="rows">[N, d], N ≥ 2.</param>
    /// <param name="regularization">The multiple.</param>
    public static Gaussian Fit(Tensor rows, double regularization)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor data = rows.to(ScalarType.Float64), mean = data.mean([0], keepdim: true), centred = data - mean;
        long size = data.size(1);
        Tensor covariance = centred.t().mm(centred) / data.size(0) + regularization * eye(size, dtype: ScalarType.Float64, device: data.device);
        Tensor root = linalg.inv(linalg.cholesky(covariance));
        return Create(mean, root, root.diagonal().log().sum());
    }

    /// <summary>
    /// The Gaussian of the principal directions, whitened: z = Λ^-½ Vᵀ (x - m) of the directions V that together explain at most a share of the
    /// variance (at least the first), and of z again mean 0 and covariance (N - 1)/N I plus the regularisation, in closed form. The caller disposes it.
    /// </summary>
    /// <param name="rows">[N, d], N ≥ 2.</param>
    /// <param name="share">Of the variance.</param>
    /// <param name="regularization">Added to the variances of z.</param>
    public static Gaussian FitWhitened(Tensor rows, double share, double regularization)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor data = rows.to(ScalarType.Float64), mean = data.mean([0], keepdim: true), centred = data - mean;
        long count = data.size(0);
        (Tensor values, Tensor vectors) = linalg.eigh(centred.t().mm(centred) / (count - 1));
        // Eigenvalues ascend; those of no variance are rounding, of either sign.
        (values, vectors) = (values.flip(0).clamp_min(0), vectors.flip(1));
        Tensor explained = values.cumsum(0) / values.sum();
        long kept = Math.Max(1, Math.Min(explained.le(share).sum().item<long>(), values.gt(values[0] * 1e-12).sum().item<long>()));
        double variance = (count - 1.0) / count + regularization;
        Tensor root = (vectors.narrow(1, 0, kept) / values.narrow(0, 0, kept).clamp_min(double.Epsilon).sqrt()).t() / Math.Sqrt(variance);
        return Create(mean, root.contiguous(), tensor(-0.5 * kept * Math.Log(variance), ScalarType.Float64, data.device));
    }

    /// <summary>A Gaussian of a model file; the caller disposes it.</summary>
    /// <param name="take">Gives a tensor of the file as a copy, by its name in <see cref="Tensors"/>.</param>
    /// <param name="path">The file, for errors.</param>
    /// <exception cref="ModelFormatException">The tensors do not fit together.</exception>
    public static Gaussian Restore(Func<string, Tensor> take, string path)
    {
        Tensor mean = take("mean"), root = take("root"), constant = take("constant");
        if (mean.dim() != 2 || root.dim() != 2 || mean.size(1) != root.size(1) || constant.numel() != 1)
            throw new ModelFormatException($"{path}: a Gaussian's mean [{string.Join(", ", mean.shape)}] and whitening [{string.Join(", ", root.shape)}] do not fit together. Train the model again.");
        return new Gaussian(mean, root, constant);
    }

    /// <summary>R (x - μ) of rows, float64 [B, <see cref="Dimensions"/>]; in the caller's scope.</summary>
    public Tensor Whiten(Tensor rows) => (rows.to(ScalarType.Float64) - mean).mm(root.t());

    /// <summary>The logarithm of the density of rows [B, d]: float64 [B], differentiable; in the caller's scope.</summary>
    public Tensor LogDensity(Tensor rows) => constant - 0.5 * Whiten(rows).square().sum([1]);

    public void Dispose()
    {
        mean.Dispose();
        root.Dispose();
        constant.Dispose();
    }

    private static Gaussian Create(Tensor mean, Tensor root, Tensor logDeterminant) =>
        new(mean, root, logDeterminant - 0.5 * root.size(0) * Math.Log(2 * Math.PI));
}
