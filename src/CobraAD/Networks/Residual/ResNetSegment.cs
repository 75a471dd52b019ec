using static TorchSharp.torch;

namespace CobraAD.Networks.Residual;

/// <summary>
/// A stretch of a <see cref="ResNet"/> with one map at either end and branches between: y = ReLU(pool(Σ branches of x)). The stem is one
/// and every residual block is one.
/// </summary>
/// <param name="Branches">The convolutions of each branch, a ReLU between each two; a branch of none is the input itself.</param>
internal sealed record ResNetSegment(IReadOnlyList<IReadOnlyList<ConvolutionUnit>> Branches)
{
    /// <summary>What the input goes through first, in the stem; none of it has weights.</summary>
    public Func<Tensor, Tensor>? Preparation { get; init; }

    /// <summary>
    /// What the single branch of a stem goes through last. ReLU and maximum commute, so it stands before the ReLU here, and every
    /// segment ends in one.
    /// </summary>
    public Func<Tensor, Tensor>? Pooling { get; init; }

    /// <summary>Whether the input is images; otherwise it is the output of another segment, and so of a ReLU.</summary>
    public bool TakesImages => Preparation is not null;

    /// <summary>How many numbers there are of one image.</summary>
    /// <param name="height">Of the input.</param>
    /// <param name="width">Of the input.</param>
    /// <returns>The numbers, and height and width of the output.</returns>
    public (SegmentSize Values, int Height, int Width) Size(int height, int width)
    {
        ConvolutionUnit first = Branches[0][0];
        long input = first.Convolution.in_channels * (long)height * width;
        List<IReadOnlyList<long>> maps = [];
        (int Height, int Width) end = (height, width);
        // The path comes first, and its end is the segment's; a branch of no convolutions has none of its own.
        foreach (IReadOnlyList<ConvolutionUnit> branch in Branches)
        {
            List<long> values = [];
            (int Height, int Width) size = (height, width);
            foreach (ConvolutionUnit unit in branch)
            {
                size = unit.OutputSize(size.Height, size.Width);
                values.Add(unit.Convolution.out_channels * (long)size.Height * size.Width);
            }

            if (maps.Count == 0) end = size;
            maps.Add(values);
        }

        if (Pooling is not null) end = ((end.Height + 1) / 2, (end.Width + 1) / 2);
        return (new SegmentSize(input, maps, Branches[0][^1].Convolution.out_channels * (long)end.Height * end.Width), end.Height, end.Width);
    }
}

/// <summary>Numbers of one image in a <see cref="ResNetSegment"/>.</summary>
/// <param name="Input">In its input.</param>
/// <param name="Maps">In what each convolution of each branch makes.</param>
/// <param name="Output">In its output.</param>
internal readonly record struct SegmentSize(long Input, IReadOnlyList<IReadOnlyList<long>> Maps, long Output);
