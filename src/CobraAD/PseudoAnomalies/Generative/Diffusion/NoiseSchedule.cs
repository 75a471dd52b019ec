using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative.Diffusion;

/// <summary>
/// x_t = √ᾱ_t x_0 + √(1 - ᾱ_t) ε with ᾱ_t = Π (1 - β_s) over s ≤ t (Ho et al. 2020): what is left of an image after t of T steps of noise.
/// </summary>
/// <remarks>
/// Step 0 is the image itself, ᾱ_0 = 1. β is at most 0.999, as Nichol and Dhariwal (2021) have it: the cosine would end at ᾱ_T = 0,
/// where the image cannot be recovered from its noise.
/// </remarks>
internal sealed class NoiseSchedule
{
    private const double LargestBeta = 0.999, CosineOffset = 0.008;

    private readonly double[] alphaBar;

    /// <param name="kind">How β grows.</param>
    /// <param name="steps">T.</param>
    public NoiseSchedule(NoiseScheduleKind kind, int steps)
    {
        alphaBar = new double[steps + 1];
        alphaBar[0] = 1;
        for (int t = 1; t <= steps; t++)
        {
            // The line's ends belong to T = 1000; fewer steps must each add more noise to arrive at the same.
            double beta = kind == NoiseScheduleKind.Cosine
                ? 1 - Cosine(t, steps) / Cosine(t - 1, steps)
                : 1000.0 / steps * (1e-4 + (0.02 - 1e-4) * (t - 1) / Math.Max(1, steps - 1));
            alphaBar[t] = alphaBar[t - 1] * (1 - Math.Min(LargestBeta, beta));
        }
    }

    /// <summary>T.</summary>
    public int Steps => alphaBar.Length - 1;

    /// <summary>ᾱ_t, the share of the image in the variance of x_t; from 1 at t = 0 down to about 0 at t = T.</summary>
    public double AlphaBar(int t) => alphaBar[t];

    /// <summary>x_t; the caller disposes it.</summary>
    /// <param name="clean">x_0, [B, …].</param>
    /// <param name="t">Steps of each image, int64 [B] on the CPU, from 0 to T.</param>
    /// <param name="noise">ε, of the shape of <paramref name="clean"/>.</param>
    public Tensor Noisy(Tensor clean, Tensor t, Tensor noise)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor share = tensor(alphaBar).index_select(0, t);
        return (Shaped(share.sqrt()) * clean + Shaped((1 - share).sqrt()) * noise).MoveToOuterDisposeScope();

        Tensor Shaped(Tensor factor) => factor.to(clean.dtype).to(clean.device).view([-1, .. Enumerable.Repeat(1L, (int)clean.dim() - 1)]);
    }

    private static double Cosine(int t, int steps) => Math.Pow(Math.Cos(((double)t / steps + CosineOffset) / (1 + CosineOffset) * Math.PI / 2), 2);
}
