using static TorchSharp.torch;

namespace CobraAD.Transforms;

/// <summary>A transform that blends each image with another one. It is the only kind in which the images of a batch meet.</summary>
internal interface IMixingTransform : IImageTransform
{
    /// <summary>Transforms a batch with partners that the caller chose. The caller disposes the result.</summary>
    /// <param name="images">float32 [B, 3, H, W] in [0, 1].</param>
    /// <param name="partners">The other image of each row, of the same shape, type and device.</param>
    /// <param name="rng">CPU generator of every random parameter.</param>
    /// <returns>A tensor of the same shape, type and device, in [0, 1]; differentiable in both inputs.</returns>
    Tensor Apply(Tensor images, Tensor partners, Generator rng);
}
