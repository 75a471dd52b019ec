using CobraAD.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Neighbours;

/// <summary>Half of the images are blurred with a Gaussian of σ = U(0.1, 2) pixels of their own.</summary>
internal sealed class RandomBlur : IImageTransform
{
    private const int Radius = 4;

    public string Name => "blur";

    public Tensor Apply(Tensor images, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        long count = images.size(0);
        Tensor chosen = rand(count, generator: rng) < 0.5;
        Tensor sigma = 0.1 + 1.9 * rand(count, dtype: ScalarType.Float64, generator: rng);
        if (images.size(2) <= Radius || images.size(3) <= Radius) return images.alias().MoveToOuterDisposeScope();

        Tensor offset = arange(-Radius, Radius + 1, dtype: ScalarType.Float64).unsqueeze(0);
        Tensor weight = (offset.square() / (-2 * sigma.square().unsqueeze(1))).exp();
        // An image that is not chosen is filtered with a single 1.
        weight = where(chosen.unsqueeze(1), weight / weight.sum([1], keepdim: true), (offset == 0).to(ScalarType.Float64));
        Tensor kernel = weight.repeat_interleave(3, 0).to(images.dtype).to(images.device);

        // One group for each channel of each image, since each image has a kernel of its own.
        Tensor planes = nn.functional.pad(images, [Radius, Radius, Radius, Radius], PaddingModes.Reflect).view(1, 3 * count, images.size(2) + 2 * Radius, images.size(3) + 2 * Radius);
        Tensor vertical = nn.functional.conv2d(planes, kernel.view(3 * count, 1, -1, 1), groups: 3 * count);
        Tensor blurred = nn.functional.conv2d(vertical, kernel.view(3 * count, 1, 1, -1), groups: 3 * count);
        return blurred.view(images.shape).clamp(0, 1).MoveToOuterDisposeScope();
    }
}
