namespace CobraAD.Networks.Residual;

/// <summary>Numbers of one image in a <see cref="ResNetSegment"/>.</summary>
/// <param name="Input">In its input.</param>
/// <param name="Maps">In what each convolution of each branch makes.</param>
/// <param name="Output">In its output.</param>
internal readonly record struct SegmentSize(long Input, IReadOnlyList<IReadOnlyList<long>> Maps, long Output);
