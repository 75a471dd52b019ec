using static TorchSharp.torch;

namespace CobraAD.Transforms;

/// <summary>An upright rectangle of whole pixels in each image; every side is int64 [B] on the CPU.</summary>
internal sealed record PixelBox(Tensor Top, Tensor Left, Tensor Height, Tensor Width)
{
    /// <summary>Puts rectangles of the given sizes at uniformly drawn places where they fit.</summary>
    public static PixelBox Place(Tensor height, Tensor width, Tensor images, Generator rng) =>
        new(RandomDraw.Below(rng, images.size(2) + 1 - height), RandomDraw.Below(rng, images.size(3) + 1 - width), height, width);

    /// <summary>A fraction of a side in whole pixels: the nearest, at least one, at most the side.</summary>
    public static Tensor Pixels(Tensor fraction, long side) => fraction.mul(side).round_().clamp_(1, side).to(ScalarType.Int64);

    /// <summary>Whether a pixel lies in its image's rectangle: bool [B, 1, H, W] on the images' device.</summary>
    public Tensor Mask(Tensor images)
    {
        Tensor rows = arange(images.size(2), device: images.device).reshape(1, 1, -1, 1);
        Tensor columns = arange(images.size(3), device: images.device).reshape(1, 1, 1, -1);
        Tensor top = OnDevice(Top, images), left = OnDevice(Left, images);
        return rows.ge(top) & rows.lt(top + OnDevice(Height, images)) & columns.ge(left) & columns.lt(left + OnDevice(Width, images));
    }

    private static Tensor OnDevice(Tensor side, Tensor images) => side.to(images.device).reshape(-1, 1, 1, 1);
}
