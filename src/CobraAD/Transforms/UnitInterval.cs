using static TorchSharp.torch;

namespace CobraAD.Transforms;

/// <summary>Weighted averages of values in [0, 1] lie there too, but their rounding need not.</summary>
internal static class UnitInterval
{
    /// <summary>Takes the rounding off without taking the gradient of the pixels it happened to: a clamp would, on every white background.</summary>
    public static Tensor Trim(Tensor averages) => averages + (averages.clamp(0, 1) - averages).detach();
}
