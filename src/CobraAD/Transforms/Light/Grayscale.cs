using static TorchSharp.torch;

namespace CobraAD.Transforms.Light;

/// <summary>Replaces an image by its luma 0.299 R + 0.587 G + 0.114 B with a probability.</summary>
internal sealed class Grayscale(double probability) : IImageTransform
{
    public string Name => "grayscale";

    public Tensor Apply(Tensor images, Generator rng)
    {
        using var scope = NewDisposeScope();
        Tensor chosen = RandomDraw.Coin(rng, images.size(0), probability).to(images.device).reshape(-1, 1, 1, 1);
        return where(chosen, Luma(images).expand_as(images), images).MoveToOuterDisposeScope();
    }

    /// <summary>[B, 3, H, W] to [B, 1, H, W].</summary>
    internal static Tensor Luma(Tensor images)
    {
        Tensor weight = tensor([0.299, 0.587, 0.114]).to(images.dtype).to(images.device).reshape(1, 3, 1, 1);
        return UnitInterval.Trim((images * weight).sum(1, keepdim: true));
    }
}
