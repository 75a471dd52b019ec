using CobraAD.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Shifts;

/// <summary>
/// What a score over shifts compares with, and the score itself: CSI's and the released code's (docs/reference/methods/csi.md, released.md). With f_k the mean feature and l_k the mean
/// logits of an image's T' views under shift k, and m the training images:
/// axis_k[m] = f_k[m]/‖f_k[m]‖, a_k = 1/mean_m ‖f_k[m]‖, b_k = 1/mean_m l_k[m]_k, and
/// normality(x) = 1/K Σ_k (a_k max_m ⟨f_k(x), axis_k[m]⟩ + b_k l_k(x)_k).
/// </summary>
/// <remarks>b_k is the reciprocal of a mean that training makes large and positive but nothing keeps from 0 or below; as in both codes it is not guarded.</remarks>
/// <param name="axes">float64 [K, N, d]; this takes it over.</param>
/// <param name="similarityWeights">a, float64 [K]; this takes it over.</param>
/// <param name="shiftWeights">b, float64 [K]; this takes it over.</param>
internal sealed class ShiftReference(Tensor axes, Tensor similarityWeights, Tensor shiftWeights) : IDisposable
{
    public Tensor Axes => axes;

    public Tensor SimilarityWeights => similarityWeights;

    public Tensor ShiftWeights => shiftWeights;

    /// <summary>The mean over the T' views of each shift; the caller disposes it.</summary>
    /// <param name="values">[N, K T', n], shift-major.</param>
    /// <param name="shifts">K.</param>
    /// <returns>float64 [N, K, n], differentiable.</returns>
    public static Tensor Average(Tensor values, int shifts)
    {
        using DisposeScope scope = NewDisposeScope();
        return values.to(ScalarType.Float64).view(values.size(0), shifts, -1, values.size(2)).mean([2]).MoveToOuterDisposeScope();
    }

    /// <summary>The reference that training images give.</summary>
    /// <param name="features">[N, K, d], averaged.</param>
    /// <param name="logits">[N, K, K], averaged.</param>
    public static ShiftReference Of(Tensor features, Tensor logits)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor lengths = features.norm(2, keepdim: true, p: 2f);
        Tensor axes = (features / (lengths + UnitLength.Floor)).transpose(0, 1).contiguous();
        Tensor similarityWeights = 1 / lengths.squeeze(2).mean([0]), shiftWeights = 1 / Own(logits).mean([0]);
        return new ShiftReference(axes.DetachFromDisposeScope(), similarityWeights.DetachFromDisposeScope(), shiftWeights.DetachFromDisposeScope());
    }

    /// <summary>a_k ⟨f_k(x), axis_k[m]⟩ for the most similar training images m, falling: [B, K, most]; the caller disposes it.</summary>
    /// <param name="features">[B, K, d], averaged.</param>
    /// <param name="most">How many training images, at most all.</param>
    public Tensor Similarities(Tensor features, int most)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor products = features.transpose(0, 1).bmm(axes.transpose(1, 2)).transpose(0, 1);
        (Tensor nearest, _) = products.topk((int)Math.Min(most, axes.size(1)), dim: 2);
        return (nearest * similarityWeights.view(1, -1, 1)).MoveToOuterDisposeScope();
    }

    /// <summary>b_k l_k(x)_k: [B, K]; the caller disposes it.</summary>
    /// <param name="logits">[B, K, K], averaged.</param>
    public Tensor ShiftParts(Tensor logits)
    {
        using DisposeScope scope = NewDisposeScope();
        return (Own(logits) * shiftWeights).MoveToOuterDisposeScope();
    }

    /// <summary>normality(x), larger when more normal: [B]; the caller disposes it.</summary>
    /// <param name="features">[B, K, d], averaged.</param>
    /// <param name="logits">[B, K, K], averaged.</param>
    /// <param name="most">How many <see cref="Similarities"/> are looked at.</param>
    /// <param name="similarity">Brings these, [B, K, most], to one for each shift, [B, K]; the largest when <see langword="null"/>.</param>
    public Tensor Normality(Tensor features, Tensor logits, int most = 1, Func<Tensor, Tensor>? similarity = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor nearest = Similarities(features, most);
        return ((similarity?.Invoke(nearest) ?? nearest.select(2, 0)) + ShiftParts(logits)).mean([1]).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        axes.Dispose();
        similarityWeights.Dispose();
        shiftWeights.Dispose();
    }

    /// <summary>The logit of shift k under shift k: [B, K].</summary>
    private static Tensor Own(Tensor logits) => logits.diagonal(0, 1, 2);
}
