using static TorchSharp.torch;

namespace CobraAD.Transforms;

/// <summary>Replaces a region of each image.</summary>
internal static class RegionFill
{
    public static Tensor Apply(Tensor images, Tensor mask, FillKind fill, Generator rng) => where(mask, fill switch
    {
        FillKind.Noise => rand(images.shape, dtype: ScalarType.Float64, generator: rng).to(images.dtype).to(images.device),
        FillKind.Mean => images.mean([2, 3], keepdim: true),
        FillKind.Zero => zeros_like(images),
        _ => throw new ArgumentOutOfRangeException(nameof(fill), fill, "Fill must be Noise, Mean or Zero."),
    }, images);
}
