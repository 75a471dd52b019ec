using static TorchSharp.torch;

namespace CobraAD.Datasets;

/// <summary>Where a set of images has its pixels from.</summary>
internal interface IPixelStore : IDisposable
{
    /// <summary>Height of every image in pixels.</summary>
    int Height { get; }

    /// <summary>Width of every image in pixels.</summary>
    int Width { get; }

    /// <summary>Whether the pixels take memory of their own.</summary>
    bool IsInMemory { get; }

    /// <summary>Some images, uint8 [B, 3, H, W] on the CPU and contiguous; the caller disposes the tensor.</summary>
    /// <param name="indices">Which images, in which order; repetitions are allowed.</param>
    Tensor Take(ReadOnlySpan<long> indices);

    /// <summary>One image, uint8 [1, 3, H, W] on the CPU, without copying what is in memory already; the caller disposes the tensor and changes nothing in it.</summary>
    /// <param name="index">Which image.</param>
    Tensor View(long index);

    /// <summary>Some images as a store of their own, which may outlive this one; the caller disposes it.</summary>
    /// <param name="indices">Which images, in which order.</param>
    IPixelStore Subset(IReadOnlyList<int> indices);
}
