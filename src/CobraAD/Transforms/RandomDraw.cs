using static TorchSharp.torch;

namespace CobraAD.Transforms;

/// <summary>Random parameters, one per image. Always drawn on the CPU in float64, so that every device and precision gets the same.</summary>
internal static class RandomDraw
{
    /// <summary>[count], uniform in [low, high).</summary>
    public static Tensor Uniform(Generator rng, long count, double low, double high) =>
        rand(count, dtype: ScalarType.Float64, generator: rng).mul_(high - low).add_(low);

    /// <summary>Uniform whole numbers in 0 … limit - 1, one for each entry of <paramref name="limit"/>; int64.</summary>
    public static Tensor Below(Generator rng, Tensor limit) =>
        rand(limit.shape, dtype: ScalarType.Float64, generator: rng).mul_(limit).floor_().to(ScalarType.Int64);

    /// <summary>[count], uniform whole numbers in 0 … limit - 1; int64.</summary>
    public static Tensor Below(Generator rng, long count, long limit) => Below(rng, full([count], limit, dtype: ScalarType.Int64));

    /// <summary>[count], true with the given probability.</summary>
    public static Tensor Coin(Generator rng, long count, double probability) =>
        rand(count, dtype: ScalarType.Float64, generator: rng).lt(probability);

    /// <summary>For each of <paramref name="count"/> rows another row of the same batch, uniform; a batch of one has only itself.</summary>
    public static Tensor Partners(Generator rng, long count)
    {
        Tensor own = arange(count);
        return count == 1 ? own : own.add_(1).add_(Below(rng, count, count - 1)).remainder_(count);
    }

    /// <summary>Shapes a parameter for arithmetic with a batch of images: [B] to [B, 1, 1, 1], of their type and on their device.</summary>
    public static Tensor PerImage(Tensor parameter, Tensor images) => parameter.to(images.dtype).to(images.device).reshape(-1, 1, 1, 1);
}
