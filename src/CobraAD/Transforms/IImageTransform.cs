using static TorchSharp.torch;

namespace CobraAD.Transforms;

/// <summary>A random image transform with parameters of its own for each image of the batch.</summary>
internal interface IImageTransform
{
    /// <summary>The name used in reports, options and manifests.</summary>
    string Name { get; }

    /// <summary>Transforms a whole batch. Differentiable with exact gradients; the caller disposes the result.</summary>
    /// <param name="images">float32 [B, 3, H, W] in [0, 1] on any device; unchanged.</param>
    /// <param name="rng">CPU generator of every random parameter, so that all devices draw the same ones.</param>
    /// <returns>A tensor of the same shape, type and device, in [0, 1].</returns>
    Tensor Apply(Tensor images, Generator rng);
}
