using static TorchSharp.torch;

namespace CobraAD.Losses.Pixels;

/// <summary>
/// Focal loss (Lin et al. 2017) of two classes: mean of -(1 - p_t)^γ log p_t, with p_t = (1 - s) p(label) + s p(other) + s the smoothed probability of the label,
/// s = 1e-5, as DRAEM's code has it.
/// </summary>
internal static class FocalLoss
{
    private const double Smoothing = 1e-5;

    /// <summary>The loss; in the caller's scope.</summary>
    /// <param name="logits">[B, 2, H, W]: normal, anomalous.</param>
    /// <param name="mask">[B, 1, H, W]: 1 where the label is anomalous, 0 elsewhere.</param>
    /// <param name="focus">γ.</param>
    public static Tensor Of(Tensor logits, Tensor mask, double focus)
    {
        Tensor probabilities = logits.softmax(1);
        Tensor anomalous = probabilities.narrow(1, 1, 1), normal = probabilities.narrow(1, 0, 1);
        Tensor label = mask * anomalous + (1 - mask) * normal, other = mask * normal + (1 - mask) * anomalous;
        Tensor certainty = (1 - Smoothing) * label + Smoothing * other + Smoothing;
        // With certainty near 1 rounding may take it above.
        return -((1 - certainty).clamp_min(0).pow(focus) * certainty.log()).mean();
    }
}
