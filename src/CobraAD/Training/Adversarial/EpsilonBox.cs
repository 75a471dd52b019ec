using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training.Adversarial;

/// <summary>Where attacked images may lie: within ε of the originals in every pixel, and in [0, 1].</summary>
internal sealed class EpsilonBox : IDisposable
{
    private readonly Tensor originals;
    private readonly Tensor lowest;
    private readonly Tensor highest;
    private readonly double epsilon;

    /// <param name="images">The originals, [N, …] in [0, 1]; the box keeps no gradients of them.</param>
    /// <param name="epsilon">ε.</param>
    public EpsilonBox(Tensor images, double epsilon)
    {
        using DisposeScope scope = NewDisposeScope();
        this.epsilon = epsilon;
        originals = images.detach().DetachFromDisposeScope();
        lowest = (originals - epsilon).clamp_(0, 1).DetachFromDisposeScope();
        highest = (originals + epsilon).clamp_(0, 1).DetachFromDisposeScope();
    }

    /// <summary>Where an attack starts; the caller disposes it.</summary>
    /// <param name="start">The originals, or a point drawn for each pixel.</param>
    /// <param name="rng">CPU generator, so that every device starts at the same points.</param>
    public Tensor Start(StartingPoint start, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        if (start == StartingPoint.Zero) return originals.clone().clamp_(lowest, highest).MoveToOuterDisposeScope();
        Tensor noise = rand(originals.shape, dtype: originals.dtype, generator: rng).mul_(2 * epsilon).sub_(epsilon);
        return (DeviceUpload.To(noise, originals.device) + originals).clamp_(lowest, highest).MoveToOuterDisposeScope();
    }

    /// <summary>Moves all images in place: x ← clip(x + α · direction).</summary>
    public void Move(Tensor current, Tensor direction, double stepSize) => current.add_(direction, alpha: stepSize).clamp_(lowest, highest);

    /// <summary>Moves the images of some rows in place, given a direction for each of them.</summary>
    public void Move(Tensor current, Tensor rows, Tensor direction, double stepSize)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor moved = current.index_select(0, rows).add_(direction, alpha: stepSize);
        current.index_copy_(0, rows, moved.clamp_(lowest.index_select(0, rows), highest.index_select(0, rows)));
    }

    public void Dispose()
    {
        originals.Dispose();
        lowest.Dispose();
        highest.Dispose();
    }
}
