using static TorchSharp.torch;

namespace CobraAD.Transforms.Light;

/// <summary>Mirrors an image left to right with a probability.</summary>
internal sealed class HorizontalFlip(double probability) : IImageTransform
{
    public string Name => "horizontal-flip";

    public Tensor Apply(Tensor images, Generator rng)
    {
        using var scope = NewDisposeScope();
        Tensor flipped = RandomDraw.Coin(rng, images.size(0), probability).to(images.device).reshape(-1, 1, 1, 1);
        return where(flipped, images.flip(3), images).MoveToOuterDisposeScope();
    }
}
