using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Methods.Tiles;

/// <summary>From the scores of an image's tiles to the image's: zₚ = (sₚ - m̂ₚ)/σ̂ₚ and S = T log Σ exp(zₚ/T).</summary>
internal sealed class TileScale : IDisposable
{
    /// <summary>Puts the numbers where scores are computed; they are copied.</summary>
    /// <param name="usual">What is usual at each place.</param>
    /// <param name="temperature">T.</param>
    /// <param name="device">Where.</param>
    public TileScale(UsualScores usual, double temperature, Device device)
    {
        TorchRuntime.EnsureInitialized();
        Mean = tensor(usual.Mean, ScalarType.Float64, device).DetachFromDisposeScope();
        Deviation = tensor(usual.Deviation, ScalarType.Float64, device).DetachFromDisposeScope();
        Usual = usual;
        Temperature = temperature;
    }

    /// <summary>What is usual, as numbers.</summary>
    public UsualScores Usual { get; }

    /// <summary>m̂, float64 [places]; owned by the scale.</summary>
    public Tensor Mean { get; }

    /// <summary>σ̂, float64 [places]; owned by the scale.</summary>
    public Tensor Deviation { get; }

    public double Temperature { get; }

    /// <summary>z of scores [B, places].</summary>
    public Tensor Standardize(Tensor scores) => (scores - Mean) / Deviation;

    /// <summary>S of scores [B, places], differentiable: [B].</summary>
    public Tensor Reduce(Tensor scores) => SmoothMaximum(scores, Temperature);

    /// <summary>The same with another temperature.</summary>
    public Tensor SmoothMaximum(Tensor scores, double temperature) => (Standardize(scores) / temperature).logsumexp(1) * temperature;

    /// <inheritdoc/>
    public void Dispose()
    {
        Mean.Dispose();
        Deviation.Dispose();
    }
}
