using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.PrincipaLs;

/// <summary>
/// A principal component analysis that follows its data: mean μ and orthonormal directions U (one a column) are moving averages of those of each batch.
/// Before averaging, each new direction is turned to the side of the old one, and the average is made orthonormal again.
/// </summary>
internal sealed class AveragedBasis : nn.Module
{
    private readonly Tensor mean;
    private readonly Tensor directions;
    private readonly Tensor updates;

    /// <param name="size">Length of a data vector.</param>
    /// <param name="rank">Number of directions.</param>
    public AveragedBasis(int size, int rank)
        : base(nameof(AveragedBasis))
    {
        mean = zeros(size).DetachFromDisposeScope();
        directions = eye(size, rank).DetachFromDisposeScope();
        updates = zeros(1, dtype: ScalarType.Int64).DetachFromDisposeScope();
        register_buffer("mean", mean);
        register_buffer("directions", directions);
        register_buffer("updates", updates);
    }

    /// <summary>(X - μ) U of rows X [N, size]: [N, rank]; part of the caller's graph, constant in μ and U.</summary>
    public Tensor Reduce(Tensor rows) => (rows - Buffer("mean")).mm(Buffer("directions"));

    /// <summary>C Uᵀ + μ of coefficients C [N, rank]: [N, size].</summary>
    public Tensor Restore(Tensor coefficients) => coefficients.mm(Buffer("directions").t()) + Buffer("mean");

    /// <summary>Takes a batch into the averages.</summary>
    /// <param name="rows">[N, size]; no gradient is recorded.</param>
    /// <param name="weight">η.</param>
    public void Follow(Tensor rows, double weight)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor data = rows.detach().to(ScalarType.Float64);
        Tensor batchMean = data.mean([0]);
        Tensor centred = data - batchMean;
        (_, Tensor vectors) = linalg.eigh(centred.t().mm(centred) / data.size(0));
        long rank = Buffer("directions").size(1);
        // Eigenvalues ascend, so the last columns are the principal ones.
        Tensor principal = vectors.narrow(1, vectors.size(1) - rank, rank).flip(1);
        bool isFirst = Buffer("updates").item<long>() == 0;
        if (!isFirst)
        {
            Tensor old = Buffer("directions").to(ScalarType.Float64);
            Tensor side = (old * principal).sum([0], keepdim: true);
            principal = where(side < 0, -principal, principal);
            (Tensor orthonormal, Tensor triangle) = linalg.qr((1 - weight) * old + weight * principal);
            // The factorisation leaves the signs open.
            principal = where(triangle.diagonal().unsqueeze(0) < 0, -orthonormal, orthonormal);
            batchMean = (1 - weight) * Buffer("mean").to(ScalarType.Float64) + weight * batchMean;
        }

        Buffer("mean").copy_(batchMean);
        Buffer("directions").copy_(principal);
        Buffer("updates").add_(1);
    }

    /// <summary>After a move to another device the buffers are other tensors than those of the constructor.</summary>
    private Tensor Buffer(string name) => get_buffer(name)!;
}
