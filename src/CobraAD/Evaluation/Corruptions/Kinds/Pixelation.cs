using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions.Kinds;

/// <summary>A lower resolution, enlarged without smoothing.</summary>
internal sealed class Pixelation : Corruption
{
    public override string Name => "pixelation";

    public override string Parameter => "what is left of each side";

    public override IReadOnlyList<double> Levels { get; } = [0.75, 0.5, 0.4, 0.3, 0.2];

    protected override Tensor Distort(Tensor images, double level, Generator rng)
    {
        Tensor along = nn.functional.linear(images, Blocks(images.size(3), level));
        return nn.functional.linear(along.transpose(2, 3), Blocks(images.size(2), level)).transpose(2, 3).contiguous();
    }

    /// <summary>The symmetric matrix that replaces every value by the mean of its block; blocks do not overlap.</summary>
    private static Tensor Blocks(long side, double level)
    {
        long count = Math.Max(1, (long)Math.Round(level * side));
        Tensor block = arange(side, dtype: ScalarType.Int64).mul(count).floor_divide(side);
        Tensor isSame = block.unsqueeze(0).eq(block.unsqueeze(1)).to(ScalarType.Float32);
        return isSame / isSame.sum([1L], keepdim: true);
    }
}
