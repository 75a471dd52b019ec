using CobraAD.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative.Diffusion;

/// <summary>
/// ε̂(x_t, t): the noise in a noisy image (Ho et al. 2020). Three levels of width 1, 2, 2 times the base, each half as fine as the one
/// above it; two residual blocks on the way down and three on the way up, which also see the maps of the way down; attention on the
/// coarsest level, 8 × 8 for images of 32 px.
/// </summary>
internal sealed class UNet : nn.Module<Tensor, Tensor, Tensor>
{
    /// <summary>Sides of the images are multiples of it.</summary>
    public const int Multiple = 4;

    private const int BlocksOfLevel = 2;
    private const double LongestPeriod = 10_000;

    private static readonly int[] Multipliers = [1, 2, 2];

    private readonly int width;
    private readonly Linear time1, time2;
    private readonly Conv2d input, output;
    private readonly GroupNorm norm;
    private readonly List<UNetBlock> down = [], up = [];
    private readonly List<UNetAttention> attentions = [];
    private readonly List<Conv2d> halvings = [], doublings = [];
    private readonly UNetBlock[] middle;

    /// <param name="channels">Of an image.</param>
    /// <param name="width">The base width, a multiple of 4.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public UNet(int channels, int width, Generator rng)
        : base(nameof(UNet))
    {
        this.width = width;
        int timeSize = 4 * width;
        time1 = Named("time1", LinearLayer.Create(width, timeSize, rng));
        time2 = Named("time2", LinearLayer.Create(timeSize, timeSize, rng));
        input = Named("input", UNetLayer.Convolution(channels, width, 3, 1, rng));

        int current = width;
        Stack<int> seen = new([width]);
        for (int level = 0; level < Multipliers.Length; level++)
        {
            for (int block = 0; block < BlocksOfLevel; block++)
            {
                down.Add(Named($"down{down.Count + 1}", new UNetBlock(current, width * Multipliers[level], timeSize, rng)));
                seen.Push(current = width * Multipliers[level]);
                if (IsCoarsest(level)) AddAttention(current, rng);
            }

            if (IsCoarsest(level)) break;
            halvings.Add(Named($"halving{halvings.Count + 1}", UNetLayer.Convolution(current, current, 3, 2, rng)));
            seen.Push(current);
        }

        middle = [Named("middle1", new UNetBlock(current, current, timeSize, rng)), Named("middle2", new UNetBlock(current, current, timeSize, rng))];
        AddAttention(current, rng);

        for (int level = Multipliers.Length - 1; level >= 0; level--)
        {
            for (int block = 0; block <= BlocksOfLevel; block++)
            {
                up.Add(Named($"up{up.Count + 1}", new UNetBlock(current + seen.Pop(), width * Multipliers[level], timeSize, rng)));
                current = width * Multipliers[level];
                if (IsCoarsest(level)) AddAttention(current, rng);
            }

            if (level > 0) doublings.Add(Named($"doubling{doublings.Count + 1}", UNetLayer.Convolution(current, current, 3, 1, rng)));
        }

        norm = Named("norm", UNetLayer.Norm(current));
        output = Named("output", UNetLayer.Silent(current, channels, 3));
    }

    /// <param name="image">x_t, [B, channels, H, W], both sides multiples of <see cref="Multiple"/>.</param>
    /// <param name="moment">t of each image, float32 [B].</param>
    /// <returns>ε̂, of the shape of the images; the caller disposes it.</returns>
    public override Tensor forward(Tensor image, Tensor moment)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor time = time2.call(nn.functional.silu(time1.call(Waves(moment))));
        Tensor map = input.call(image);
        Stack<Tensor> seen = new([map]);
        int block = 0, attention = 0;
        for (int level = 0; level < Multipliers.Length; level++)
        {
            for (int i = 0; i < BlocksOfLevel; i++)
            {
                map = down[block++].call(map, time);
                if (IsCoarsest(level)) map = attentions[attention++].call(map);
                seen.Push(map);
            }

            if (!IsCoarsest(level)) seen.Push(map = halvings[level].call(map));
        }

        map = middle[1].call(attentions[attention++].call(middle[0].call(map, time)), time);

        block = 0;
        for (int level = Multipliers.Length - 1; level >= 0; level--)
        {
            for (int i = 0; i <= BlocksOfLevel; i++)
            {
                map = up[block++].call(cat([map, seen.Pop()], 1), time);
                if (IsCoarsest(level)) map = attentions[attention++].call(map);
            }

            if (level > 0) map = doublings[Multipliers.Length - 1 - level].call(nn.functional.interpolate(map, scale_factor: [2, 2], mode: InterpolationMode.Nearest));
        }

        return output.call(nn.functional.silu(norm.call(map))).MoveToOuterDisposeScope();
    }

    private static bool IsCoarsest(int level) => level == Multipliers.Length - 1;

    private void AddAttention(int channels, Generator rng) => attentions.Add(Named($"attention{attentions.Count + 1}", new UNetAttention(channels, rng)));

    /// <summary>Registers a part; one that is only kept in a list would be overlooked and never trained.</summary>
    private T Named<T>(string name, T part)
        where T : nn.Module
    {
        register_module(name, part);
        return part;
    }

    /// <summary>sin and cos of t at frequencies from 1 down to 1/10000 in equal ratios, [B, width].</summary>
    private Tensor Waves(Tensor moment)
    {
        int frequencies = width / 2;
        Tensor rate = (arange(frequencies, ScalarType.Float32, moment.device) * (-Math.Log(LongestPeriod) / Math.Max(1, frequencies - 1))).exp();
        Tensor angle = moment.unsqueeze(1) * rate;
        return cat([angle.sin(), angle.cos()], 1);
    }
}
