namespace CobraAD.Serialization.Foreign;

/// <summary>A tensor as a pickle describes it: a view of raw numbers. Nothing about it has been checked.</summary>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Stride);
