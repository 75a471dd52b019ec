using CobraAD.Transforms;
using CobraAD.Transforms.Hard;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Textures;

/// <summary>Three different ones of ten changes of colour and geometry, in random order, so that a few textures become many (Zavrtanik et al. 2021).</summary>
internal static class TextureAugmentation
{
    private const int Applied = 3;

    private static readonly Rotation Turn = new() { MaxAngle = 45 };

    private static readonly Func<Tensor, Generator, Tensor>[] Changes =
    [
        (image, rng) => image.pow(Number(rng, 0.5, 2)),
        (image, rng) => image * Number(rng, 0.8, 1.2) + Number(rng, -30 / 255.0, 30 / 255.0),
        Sharper,
        (image, rng) => HueSaturationValue.Adjust(image, Single(rng, -50 / 255.0, 50 / 255.0), Single(rng, 0.7, 1.3), ones(1, 1, 1, 1)),
        (image, rng) => Solarized(image, Number(rng, 32 / 255.0, 128 / 255.0)),
        (image, rng) => Posterized(image, 1 << (int)(1 + RandomDraw.Below(rng, 1, 7).item<long>())),
        (image, _) => 1 - image,
        (image, _) => Stretched(image),
        (image, _) => Equalized(image),
        Turn.Apply,
    ];

    /// <summary>A changed texture; the caller disposes it.</summary>
    /// <param name="texture">float32 [1, 3, H, W] in [0, 1]; unchanged.</param>
    /// <param name="rng">CPU generator of everything random.</param>
    public static Tensor Apply(Tensor texture, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        using Tensor order = randperm(Changes.Length, ScalarType.Int64, CPU, generator: rng);
        Tensor image = texture.clone();
        foreach (long change in order.data<long>().ToArray().Take(Applied)) image = Changes[change](image, rng).clamp(0, 1);
        return image.MoveToOuterDisposeScope();
    }

    /// <summary>Each channel's values spread evenly over [0, 1] by their rank; equal values stay equal.</summary>
    internal static Tensor Equalized(Tensor image)
    {
        Tensor values = image.flatten(2).contiguous(), sorted = values.sort(2).Values.contiguous();
        // How many values of the channel are not above each.
        Tensor count = searchsorted(sorted, values, right: true).to(image.dtype);
        return (count / values.size(2)).view_as(image);
    }

    /// <summary>Each channel from its lowest to its highest value on [0, 1].</summary>
    internal static Tensor Stretched(Tensor image)
    {
        Tensor low = image.amin([2, 3], keepdim: true), high = image.amax([2, 3], keepdim: true);
        return (image - low) / (high - low).clamp_min(1 / 255.0);
    }

    private static Tensor Sharper(Tensor image, Generator rng)
    {
        Tensor blurred = GaussianBlur.Apply(image, GaussianBlur.Kernel(1, 0.8));
        return image + Number(rng, 0, 2) * (image - blurred);
    }

    private static Tensor Solarized(Tensor image, double threshold) => where(image >= threshold, 1 - image, image);

    private static Tensor Posterized(Tensor image, int levels) => (image * (levels - 1)).round() / (levels - 1);

    private static double Number(Generator rng, double low, double high) => RandomDraw.Uniform(rng, 1, low, high).item<double>();

    private static Tensor Single(Generator rng, double low, double high) => full(1, 1, 1, 1, Number(rng, low, high));
}
