using CobraAD.Networks.Residual;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Methods.Draem;

/// <summary>
/// Down by 2 × 2 maxima and up by bilinear enlargement, two convolutions on each level. With skips the way up also sees the maps of the
/// way down. The way up has on each level as many channels as the next finer level of the way down.
/// </summary>
internal sealed class DraemUNet : nn.Module<Tensor, Tensor>
{
    private readonly ConvolutionPair[] down;
    private readonly ConvolutionUnit[] enlarged;
    private readonly ConvolutionPair[] up;
    private readonly Conv2d last;
    private readonly bool hasSkips;

    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="widths">Channels of each level, from fine to coarse; there is a pooling between each two.</param>
    /// <param name="hasSkips">Whether the way up sees the maps of the way down.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public DraemUNet(int inputs, int outputs, IReadOnlyList<int> widths, bool hasSkips, Generator rng)
        : base(nameof(DraemUNet))
    {
        this.hasSkips = hasSkips;
        down = [.. widths.Select((width, i) => new ConvolutionPair(i == 0 ? inputs : widths[i - 1], width, width, rng))];
        enlarged = new ConvolutionUnit[widths.Count - 1];
        up = new ConvolutionPair[widths.Count - 1];
        int current = widths[^1];
        for (int level = up.Length - 1; level >= 0; level--)
        {
            int next = widths[Math.Max(0, level - 1)];
            enlarged[level] = DraemLayer.Normalized(current, hasSkips ? next : current, rng);
            up[level] = hasSkips ? new ConvolutionPair(next + widths[level], next, next, rng) : new ConvolutionPair(current, current, next, rng);
            current = next;
        }

        last = DraemLayer.Last(current, outputs, rng);
        for (int level = 0; level < down.Length; level++) register_module($"down{level + 1}", down[level]);
        for (int level = 0; level < up.Length; level++)
        {
            register_module($"enlarged{level + 1}", enlarged[level].Convolution);
            register_module($"enlarged{level + 1}_bn", enlarged[level].Normalization!);
            register_module($"up{level + 1}", up[level]);
        }

        register_module("last", last);
    }

    /// <summary>The pairs of the way down, from fine to coarse.</summary>
    internal IReadOnlyList<ConvolutionPair> Down => down;

    /// <summary>What follows each enlargement, and then the pair of the level, from fine to coarse.</summary>
    internal IReadOnlyList<(ConvolutionUnit Enlarged, ConvolutionPair Pair)> Up => [.. enlarged.Zip(up)];

    /// <summary>The last convolution.</summary>
    internal Conv2d Last => last;

    /// <summary>Whether the way up sees the maps of the way down.</summary>
    internal bool HasSkips => hasSkips;

    /// <param name="input">[B, inputs, H, W].</param>
    /// <returns>[B, outputs, H, W]; the caller disposes it.</returns>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> maps = [down[0].call(input)];
        foreach (ConvolutionPair pair in down[1..]) maps.Add(pair.call(nn.functional.max_pool2d(maps[^1], 2)));
        Tensor map = maps[^1];
        for (int level = up.Length - 1; level >= 0; level--)
        {
            Tensor finer = nn.functional.interpolate(map, [maps[level].size(2), maps[level].size(3)], mode: InterpolationMode.Bilinear, align_corners: true);
            Tensor filtered = enlarged[level].Apply(finer).relu_();
            map = up[level].call(hasSkips ? cat([filtered, maps[level]], 1) : filtered);
        }

        return last.call(map).MoveToOuterDisposeScope();
    }
}
