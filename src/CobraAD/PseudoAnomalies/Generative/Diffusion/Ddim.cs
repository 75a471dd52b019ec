using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative.Diffusion;

/// <summary>
/// Images from noise in few steps (DDIM without fresh noise, Song et al. 2021): x̂_0 = (x_t - √(1 - ᾱ_t) ε̂)/√ᾱ_t, and
/// x_s = √ᾱ_s x̂_0 + √(1 - ᾱ_s) ε̂ for the next smaller s, down to x_0.
/// </summary>
internal static class Ddim
{
    /// <summary>Follows the noise down; the caller disposes the result.</summary>
    /// <param name="noise">x_t and t to ε̂.</param>
    /// <param name="start">x_T, [B, …].</param>
    /// <param name="schedule">The noise that ε̂ was trained on.</param>
    /// <param name="steps">How many steps of equal length, from 1 to T.</param>
    public static Tensor Sample(Func<Tensor, int, Tensor> noise, Tensor start, NoiseSchedule schedule, int steps)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor x = start.alias();
        for (int step = steps; step >= 1; step--)
        {
            using StepScope stepScope = new();
            int t = Place(step), s = Place(step - 1);
            double share = schedule.AlphaBar(t), next = schedule.AlphaBar(s);
            // Near t = T the division by √ᾱ blows every error up: images end at ±1, and ε̂ has to fit what is left.
            Tensor clean = ((x - Math.Sqrt(1 - share) * noise(x, t)) / Math.Sqrt(share)).clamp_(-1, 1);
            Tensor fitting = (x - Math.Sqrt(share) * clean) / Math.Sqrt(1 - share);
            x = (Math.Sqrt(next) * clean + Math.Sqrt(1 - next) * fitting).MoveToOuterDisposeScope();
        }

        return x.MoveToOuterDisposeScope();

        int Place(int step) => (int)((long)schedule.Steps * step / steps);
    }
}
