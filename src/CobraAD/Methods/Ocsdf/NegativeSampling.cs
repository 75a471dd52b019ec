using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Ocsdf;

/// <summary>
/// Images that are to be negative: uniform noise, led to the boundary by Newton-Raphson steps
/// z ← clip(z + (η/T) u · relu(level - f(z)) ∇f(z) / (‖∇f(z)‖² + 1e-8)), with u ~ U(0, 1) drawn once for each image.
/// </summary>
internal sealed class NegativeSampling(OcsdfOptions options)
{
    private const double SlopeFloor = 1e-8;

    /// <summary>Negatives without the parameters' graph; the caller disposes them.</summary>
    /// <param name="function">f of images [B, 3, H, W]: [B].</param>
    /// <param name="like">Images of the wanted number, shape and device.</param>
    /// <param name="level">Where they are led to.</param>
    /// <param name="steps">T; 0 leaves the noise as it is.</param>
    /// <param name="rng">CPU generator.</param>
    /// <returns>[B, 3, H, W] in [0, 1].</returns>
    public Tensor Draw(Func<Tensor, Tensor> function, Tensor like, double level, int steps, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = rand(like.shape, generator: rng).to(like.device);
        Tensor share = (rand([like.size(0), 1, 1, 1], generator: rng) * (options.NegativeRate / Math.Max(1, steps))).to(like.device);
        for (int step = 0; step < steps; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor point = images.detach().requires_grad_();
            Tensor value = function(point);
            autograd.backward([value.sum()], inputs: [point]);
            Tensor slope = point.grad!;
            Tensor gap = level - value.detach();
            if (options.NegativesOnlyRise) gap = gap.relu();
            Tensor way = (gap / (slope.square().sum([1, 2, 3]) + SlopeFloor)).view(-1, 1, 1, 1);
            images = (images + share * way * slope).clamp(0, 1).detach().MoveToOuterDisposeScope();
        }

        return images.MoveToOuterDisposeScope();
    }
}
