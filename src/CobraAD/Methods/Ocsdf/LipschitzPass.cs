using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Ocsdf;

/// <summary>
/// What the network computes, whatever its convolutions come from: images on [-1, 1], convolutions each followed by MaxMin, poolings, one linear unit.
/// Everything but the convolutions, the unit and the first scaling by 2 has the Lipschitz constant 1 under ℓ₂ by its form.
/// </summary>
internal static class LipschitzPass
{
    /// <summary>The factor from pixels in [0, 1] to the network's [-1, 1].</summary>
    public const double InputScale = 2;

    /// <summary>Features of images; the caller disposes them.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1].</param>
    /// <param name="options">Depths, and what the last unit sees.</param>
    /// <param name="convolutions">Kernel [outputs, inputs, 3, 3] and bias [outputs] of each.</param>
    /// <returns>[B, <see cref="FeatureSize"/>].</returns>
    public static Tensor Features(Tensor images, OcsdfOptions options, IReadOnlyList<(Tensor Kernel, Tensor Bias)> convolutions)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = InputScale * images - 1;
        int next = 0;
        for (int block = 0; block < options.Depths.Count; block++)
        {
            if (block > 0) map = Halve(map);
            for (int i = 0; i < options.Depths[block]; i++)
            {
                (Tensor kernel, Tensor bias) = convolutions[next++];
                map = MaxMin(nn.functional.conv2d(map, kernel, bias, strides: [1, 1], padding: [1, 1]));
            }
        }

        // The sum of n numbers has at most √n times their length.
        return (options.PoolsGlobally ? map.sum([2, 3]) / Math.Sqrt(map.size(2) * map.size(3)) : map.flatten(1)).MoveToOuterDisposeScope();
    }

    /// <summary>How many numbers the last unit sees.</summary>
    public static int FeatureSize(OcsdfOptions options, int height, int width)
    {
        if (options.PoolsGlobally) return options.Widths[^1];
        for (int block = 1; block < options.Widths.Count; block++) (height, width) = ((height + 1) / 2, (width + 1) / 2);
        return options.Widths[^1] * height * width;
    }

    /// <summary>GroupSort of pairs: the larger of channels i and i + C/2, then the smaller. It only exchanges numbers.</summary>
    private static Tensor MaxMin(Tensor map)
    {
        long half = map.size(1) / 2;
        Tensor first = map.narrow(1, 0, half), second = map.narrow(1, half, half);
        return cat([first.maximum(second), first.minimum(second)], 1);
    }

    /// <summary>Half the sum of each 2 × 2 window: the average, with the length that an average loses. Odd sides get a border of zeros.</summary>
    private static Tensor Halve(Tensor map)
    {
        (long right, long bottom) = (map.size(3) % 2, map.size(2) % 2);
        Tensor even = right + bottom == 0 ? map : nn.functional.pad(map, [0, right, 0, bottom]);
        return nn.functional.avg_pool2d(even, 2) * 2;
    }
}
