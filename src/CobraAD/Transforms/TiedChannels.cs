using static TorchSharp.torch;

namespace CobraAD.Transforms;

/// <summary>
/// A transform as a grey camera would see it: where its result has colour, red, green and blue all become the first channel. Only for grey
/// images, on which colour would be what gives a pseudo-anomaly away.
/// </summary>
/// <param name="inner">The transform.</param>
internal sealed class TiedChannels(IImageTransform inner) : IImageTransform
{
    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Generator rng)
    {
        using Tensor colored = inner.Apply(images, rng);
        return Of(colored);
    }

    /// <summary>Images [B, 3, H, W] whose channels are all the first one; the caller disposes them.</summary>
    public static Tensor Of(Tensor images)
    {
        using Tensor first = images.narrow(1, 0, 1), tied = first.expand(images.shape);
        return tied.contiguous();
    }
}
