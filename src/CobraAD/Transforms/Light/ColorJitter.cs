using static TorchSharp.torch;

namespace CobraAD.Transforms.Light;

/// <summary>Contrast, then hue, saturation and value, or the other way round: the order is drawn once for the batch, all else per image.</summary>
internal sealed class ColorJitter(LightAugmentationOptions options) : IImageTransform
{
    /// <summary>The released code draws hue shifts on the scale of 8-bit hue.</summary>
    private const double HueScale = 255.0 / 360;

    /// <summary>Every image by at most a tenth: what CutPaste does to what it pastes.</summary>
    public static ColorJitter Slight { get; } = new(
        new LightAugmentationOptions { JitterProbability = 1, Contrast = 0.1, Saturation = 0.1, Brightness = 0.1, Hue = 0.1 });

    public string Name => "color-jitter";

    public Tensor Apply(Tensor images, Generator rng)
    {
        using var scope = NewDisposeScope();
        long batch = images.size(0);

        bool contrastFirst = RandomDraw.Coin(rng, 1, 0.5).item<bool>();
        Tensor chosen = RandomDraw.Coin(rng, batch, options.JitterProbability).to(images.device).reshape(-1, 1, 1, 1);
        Tensor contrast = Draw(1, options.Contrast), hue = Draw(0, options.Hue * HueScale);
        Tensor saturation = Draw(1, options.Saturation), value = Draw(1, options.Brightness);
        Tensor jittered = contrastFirst
            ? HueSaturationValue.Adjust(Contrast(images, contrast), hue, saturation, value)
            : Contrast(HueSaturationValue.Adjust(images, hue, saturation, value), contrast);
        return where(chosen, jittered, images).MoveToOuterDisposeScope();

        Tensor Draw(double middle, double spread) => RandomDraw.PerImage(RandomDraw.Uniform(rng, batch, middle - spread, middle + spread), images);
    }

    /// <summary>Scales the distance to each channel's mean.</summary>
    internal static Tensor Contrast(Tensor images, Tensor factor)
    {
        Tensor mean = images.mean([2, 3], keepdim: true);
        return ((images - mean) * factor + mean).clamp(0, 1);
    }
}
