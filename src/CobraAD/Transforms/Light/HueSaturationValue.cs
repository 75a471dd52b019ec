using static TorchSharp.torch;

namespace CobraAD.Transforms.Light;

/// <summary>
/// H = atan2(√3 (G - B), 2R - G - B) / 2π mod 1, S = (max - min) / max, V = max; back by channel = V - V S · clamp(min(k, 4 - k), 0, 1),
/// k = (n + 6H) mod 6, n = 5, 3, 1. H is a true angle, not the piecewise linear hue, so the way back is inexact by design (decision D35).
/// </summary>
/// <remarks>
/// Every derivative is autograd's own. On the grey axis hue is undefined and the adjustment has a kink: there the hue counts as a
/// constant 0 and ties of max and min share their gradient, which gives the exact derivative along the axis and no NaN.
/// </remarks>
internal static class HueSaturationValue
{
    /// <summary>Shifts the hue (in turns) and scales saturation and value; each [B, 1, 1, 1].</summary>
    public static Tensor Adjust(Tensor images, Tensor hueShift, Tensor saturationFactor, Tensor valueFactor)
    {
        (Tensor hue, Tensor saturation, Tensor value) = FromRgb(images);
        Tensor shifted = hue + hueShift;
        return ToRgb(shifted - shifted.floor(), (saturation * saturationFactor).clamp(0, 1), (value * valueFactor).clamp(0, 1));
    }

    /// <summary>[B, 3, H, W] to hue, saturation and value, [B, 1, H, W] each.</summary>
    public static (Tensor Hue, Tensor Saturation, Tensor Value) FromRgb(Tensor images)
    {
        Tensor red = images.narrow(1, 0, 1), green = images.narrow(1, 1, 1), blue = images.narrow(1, 2, 1);
        Tensor value = images.amax([1], keepdim: true), chroma = value - images.amin([1], keepdim: true);
        Tensor y = Math.Sqrt(3) * (green - blue), x = 2 * red - green - blue;

        // The undefined cases are replaced before the division and the atan2: behind them, their gradient would already be NaN.
        Tensor grey = chroma.eq(0), one = ones_like(x), zero = zeros_like(x);
        Tensor angle = where(grey, zero, y).atan2(where(grey, one, x)) / (2 * Math.PI);
        Tensor saturation = chroma / where(value.eq(0), one, value);
        return (where(angle.lt(0), angle + 1, angle), saturation, value);
    }

    /// <summary>Hue, saturation and value in [0, 1] to [B, 3, H, W].</summary>
    public static Tensor ToRgb(Tensor hue, Tensor saturation, Tensor value)
    {
        Tensor offset = tensor([5.0, 3, 1]).to(hue.dtype).to(hue.device).reshape(1, 3, 1, 1);
        Tensor sector = (offset + 6 * hue).remainder(6);
        return value - value * saturation * sector.minimum(4 - sector).clamp(0, 1);
    }
}
