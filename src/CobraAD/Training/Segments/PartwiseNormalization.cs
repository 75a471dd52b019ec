using CobraAD.Mpi;
using CobraAD.Training.Parallel;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Training.Segments;

/// <summary>
/// Batch normalisation in training mode of a batch that comes in parts (Ioffe and Szegedy 2015): y = γ(z - μ)r + β with r = 1/√(σ² + ε) and
/// μ, σ² of the whole batch of n values. With g = dL/dy:
/// dβ = Σ g, dγ = r Σ g(z - μ), dz = γ r (g - Σ g/n - (z - μ) r² Σ g(z - μ)/n).
/// </summary>
/// <remarks>
/// All parts go through <see cref="Add"/>, then <see cref="Complete"/>, then <see cref="Apply"/>; on the way back through
/// <see cref="AddGradient"/>, then <see cref="CompleteGradient"/>, then <see cref="Gradient"/>. What it keeps lives in the dispose scope in
/// which these are called, so none may be narrower than the step. Where ranks share the batch, its parts are theirs as well: the sums are
/// then over all ranks, but each adds its own share to the gradients of γ and β, which are summed with those of all other weights.
/// </remarks>
/// <param name="norm">In training mode.</param>
/// <param name="ranks">Those that share the batch; <see langword="null"/> when it is all here.</param>
internal sealed class PartwiseNormalization(BatchNorm2d norm, IRanks? ranks = null)
{
    private readonly BatchStatistics statistics = new(norm.weight!.size(0), norm.weight.device);
    private readonly Tensor gradients = zeros(norm.weight.size(0), ScalarType.Float64, norm.weight.device);
    private readonly Tensor products = zeros(norm.weight.size(0), ScalarType.Float64, norm.weight.device);
    private readonly ScalarType type = norm.weight.dtype;

    // y = scale z + shift and dz = scale g + slope z + constant, each [1, channels, 1, 1]. Not by addcmul, whose kernel
    // takes six times as long where two operands are broadcast.
    private Tensor scale = null!, shift = null!, mean = null!, slope = null!, constant = null!;

    /// <summary>Takes up the statistics of a part z, [n, channels, height, width].</summary>
    public void Add(Tensor map)
    {
        using Tensor values = map.to(type);
        statistics.Add(values);
    }

    /// <summary>After all parts: fixes μ and σ², and moves the running statistics once, as a pass over the whole batch would.</summary>
    public void Complete()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        if (ranks is not null) statistics.Join(ranks);
        Tensor wide = norm.weight!.to(ScalarType.Float64) * Inverse();
        scale = Channels(wide);
        shift = Channels(norm.bias!.to(ScalarType.Float64) - wide * statistics.Mean);
        mean = Channels(statistics.Mean);

        double momentum = norm.momentum ?? 1.0 / (norm.num_batches_tracked!.item<long>() + 1);
        Tensor unbiased = statistics.Variance * ((double)statistics.Count / (statistics.Count - 1));
        norm.running_mean!.mul_(1 - momentum).add_((momentum * statistics.Mean).to(norm.running_mean.dtype));
        norm.running_var!.mul_(1 - momentum).add_((momentum * unbiased).to(norm.running_var.dtype));
        norm.num_batches_tracked!.add_(1);
    }

    /// <summary>y of a part, in the type of the part; the caller disposes it.</summary>
    public Tensor Apply(Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        return map.to(type).mul(scale).add_(shift).to(map.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>Takes up Σ g and Σ g(z - μ) of a part.</summary>
    public void AddGradient(Tensor gradient, Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = gradient.to(type);
        gradients.add_(values.sum([0L, 2, 3]).to(ScalarType.Float64));
        products.add_((map.to(type) - mean).mul_(values).sum([0L, 2, 3]).to(ScalarType.Float64));
    }

    /// <summary>After all parts: adds to the gradients of γ and β, and fixes those of the statistics.</summary>
    public void CompleteGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor inverse = Inverse();
        autograd.backward([norm.weight!, norm.bias!], [(inverse * products).to(type), gradients.to(type)]);

        if (ranks is not null)
        {
            ranks.Sum(gradients);
            ranks.Sum(products);
        }

        Tensor wide = norm.weight!.detach().to(ScalarType.Float64) * inverse;
        Tensor perDeviation = -wide * inverse.square() * products / statistics.Count;
        slope = Channels(perDeviation);
        constant = Channels(-wide * gradients / statistics.Count - perDeviation * statistics.Mean);
    }

    /// <summary>dz of a part, in the type of the part; the caller disposes it.</summary>
    public Tensor Gradient(Tensor gradient, Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        return map.to(type).mul(slope).add_(constant).add_(gradient.to(type).mul(scale)).to(map.dtype).MoveToOuterDisposeScope();
    }

    private Tensor Inverse() => (statistics.Variance + norm.eps).rsqrt();

    private Tensor Channels(Tensor values) => values.to(type).view(1, -1, 1, 1).MoveToOuterDisposeScope();
}
