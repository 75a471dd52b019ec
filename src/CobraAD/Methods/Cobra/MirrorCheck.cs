using CobraAD.Datasets;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra;

/// <summary>
/// Whether a mirrored good image could be a good one, asked of the good images alone. A cat's could; a digit's or a shoe's could not, for good images are not as near to it as
/// they are to the image itself. What light views change anyway (brightness, contrast, place) does not count.
/// </summary>
internal static class MirrorCheck
{
    /// <summary>Two images lose by being mirrored for each that gains.</summary>
    private const double MostFarther = 2.0 / 3;

    /// <summary>Shapes and light show at this side; noise and texture do not.</summary>
    private const int Side = 16;

    private const int MostImages = 1000;

    /// <summary>One image in so many may be mirrored by mistake without being evidence.</summary>
    private const int Crowd = 20;

    private const int Batch = 64;

    /// <summary>Correlations that differ by less are equal.</summary>
    private const double Rounding = 1e-9;

    /// <summary>The least correlation, of images that have no others.</summary>
    private const double Opposite = -1;

    /// <summary>Whether light views may be mirrored.</summary>
    /// <param name="farther">What <see cref="Farther"/> found; <see langword="null"/> where nobody asked.</param>
    public static bool Allows(double? farther) => farther is null or <= MostFarther;

    /// <summary>
    /// Share of the images whose mirror image is farther from the twentieth part of the good images that is nearest to it than the image itself is, ties half: 0.5 where mirroring
    /// makes no difference, 1 where it makes something else of every image. At most a thousand images, evenly taken, are asked.
    /// </summary>
    /// <param name="images">Good images; of tiles, those of other images are the others.</param>
    public static double Farther(ImageSet images)
    {
        using DisposeScope scope = NewDisposeScope();
        int count = Math.Min(images.Count, MostImages);
        long[] chosen = [.. Enumerable.Range(0, count).Select(i => (long)i * images.Count / count)];
        Tensor pixels = cat([.. chosen.Chunk(Batch).Select(some => Small(images, some))]), bank = Directions(pixels);
        Tensor groups = tensor(chosen.Select(i => (long)(images.Origins?[(int)i] ?? (int)i)).ToArray());
        Tensor others = groups.unsqueeze(1) != groups;
        int last = count - Math.Max(1, count / Crowd) + 1;
        Tensor lost = ((Nearness(pixels) - Nearness(pixels.flip(3))) / Rounding).round();
        return (lost.sign() / 2 + 0.5).mean().item<double>();

        // Correlation with the last of the nearest others, the best over shifts of a pixel in every direction.
        Tensor Nearness(Tensor queries)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor padded = nn.functional.pad(queries, [1, 1, 1, 1], PaddingModes.Replicate), best = full(count, Opposite, dtype: ScalarType.Float64);
            for (int down = 0; down <= 2; down++)
            {
                for (int right = 0; right <= 2; right++)
                {
                    Tensor shifted = padded.narrow(2, down, pixels.size(2)).narrow(3, right, pixels.size(3));
                    best = maximum(best, where(others, Directions(shifted).mm(bank.t()), Opposite).kthvalue(last, 1).values);
                }
            }

            return best.MoveToOuterDisposeScope();
        }
    }

    /// <summary>Images without their brightness and contrast, [B, d] of length 1.</summary>
    private static Tensor Directions(Tensor pixels)
    {
        Tensor flat = pixels.flatten(1);
        return nn.functional.normalize(flat - flat.mean([1], keepdim: true), dim: 1);
    }

    private static Tensor Small(ImageSet images, long[] chosen)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor batch = images.Batch(chosen);
        return nn.functional.adaptive_avg_pool2d(batch, [Math.Min(Side, batch.size(2)), Math.Min(Side, batch.size(3))]).to(ScalarType.Float64).MoveToOuterDisposeScope();
    }
}
