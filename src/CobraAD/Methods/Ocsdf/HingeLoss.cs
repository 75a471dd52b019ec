using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Ocsdf;

/// <summary>
/// The hinge-Kantorovich-Rubinstein loss (Serrurier et al. 2021) of good images x and negatives z:
/// mean[relu(m - f(x)) - f(x)/λ] + mean[relu(m + f(z)) + f(z)/λ].
/// </summary>
internal static class HingeLoss
{
    /// <summary>A scalar; the caller disposes it.</summary>
    /// <param name="good">f(x), [B].</param>
    /// <param name="negative">f(z), [B'].</param>
    /// <param name="margin">m.</param>
    /// <param name="weight">λ.</param>
    public static Tensor Value(Tensor good, Tensor negative, double margin, double weight)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor above = (margin - good).relu() - good / weight, below = (margin + negative).relu() + negative / weight;
        return (above.mean() + below.mean()).MoveToOuterDisposeScope();
    }
}
