using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Torch;

/// <summary>
/// A function of each image of a batch, computed a few images at a time where no gradient is wanted: a network with wide maps would fill the memory
/// with a batch of the usual size. With a gradient the graph holds the maps of all of them anyway.
/// </summary>
internal static class PartedPass
{
    /// <summary>Numbers of the largest maps of one part; in the float32 of a U-Net's skips and concatenations about two gigabytes in all.</summary>
    private const long MostNumbers = 1 << 24;

    /// <summary>Images of a part.</summary>
    /// <param name="channels">Channels of the network's largest map.</param>
    /// <param name="height">Height of that map.</param>
    /// <param name="width">Width of that map.</param>
    public static long SizeFor(long channels, long height, long width) => Math.Max(1, MostNumbers / (channels * height * width));

    /// <summary>The function's value for all images; the caller disposes it.</summary>
    /// <param name="images">[B, 3, H, W].</param>
    /// <param name="most">Images of a part, at least 1.</param>
    /// <param name="function">Gets some images, gives a tensor with a row for each.</param>
    public static Tensor Of(Tensor images, long most, Func<Tensor, Tensor> function)
    {
        if (images.size(0) <= most || (is_grad_enabled() && images.requires_grad)) return function(images);
        using DisposeScope scope = NewDisposeScope();
        return cat([.. images.split(most).Select(function)]).MoveToOuterDisposeScope();
    }
}
