using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Losses;

/// <summary>L_CLS, the softmax cross-entropy of the linear head, and the score that the head gives by itself.</summary>
internal static class ClassificationLoss
{
    /// <summary>The cross-entropy of each row; the caller disposes it.</summary>
    /// <param name="logits">[R, classes].</param>
    /// <param name="labels">int64 [R], from 0.</param>
    /// <returns>[R].</returns>
    public static Tensor PerRow(Tensor logits, Tensor labels) => nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None);

    /// <summary>The cross-entropy of a batch; the caller disposes it.</summary>
    /// <param name="logits">[R, classes].</param>
    /// <param name="labels">int64 [R], from 0.</param>
    /// <param name="reduction">Mean (the default) or sum over the rows.</param>
    /// <returns>A scalar.</returns>
    public static Tensor Value(Tensor logits, Tensor labels, LossReduction reduction = LossReduction.Mean) =>
        nn.functional.cross_entropy(logits, labels, reduction: reduction == LossReduction.Mean ? nn.Reduction.Mean : nn.Reduction.Sum);

    /// <summary>A'(x), the probability of the class "pseudo-anomaly" (class 1); differentiable. The caller disposes it.</summary>
    /// <param name="logits">[R, 2].</param>
    /// <returns>[R] in [0, 1].</returns>
    public static Tensor AnomalyProbability(Tensor logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.softmax(logits, 1).select(1, 1).MoveToOuterDisposeScope();
    }
}
