using CobraAD.Datasets;
using CobraAD.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative;

/// <summary>
/// The normal images as a generator learns them: bytes of the working size, in one channel where all of them are grey. A network with
/// three outputs would leave a tint in grey images that gives them away.
/// </summary>
internal sealed class TrainingPixels : IDisposable
{
    private const int ReadBatch = 256;

    private readonly Tensor pixels;
    private readonly Device device;

    /// <param name="images">The normal images.</param>
    /// <param name="size">The working size.</param>
    /// <param name="device">Where batches go.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public TrainingPixels(ImageSet images, WorkingSize size, Device device, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Size = size;
        this.device = device;
        List<Tensor> parts = [];
        for (int start = 0; start < images.Count; start += ReadBatch)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope batchScope = NewDisposeScope();
            parts.Add((size.Shrink(images.Batch(start, ReadBatch)) * 255).round_().to(ScalarType.Byte).MoveToOuterDisposeScope());
        }

        Tensor all = cat(parts);
        pixels = (images.AreGrey ? all.narrow(1, 0, 1).clone() : all).DetachFromDisposeScope();
    }

    public WorkingSize Size { get; }

    public int Count => (int)pixels.size(0);

    public int Channels => (int)pixels.size(1);

    /// <summary>Random images, with replacement, padded and in [-1, 1]; the caller disposes them.</summary>
    public Tensor Draw(int count, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        return Batch(RandomDraw.Below(rng, count, Count)).MoveToOuterDisposeScope();
    }

    /// <summary>The chosen images, padded and in [-1, 1]; the caller disposes them.</summary>
    public Tensor Batch(Tensor indices)
    {
        using DisposeScope scope = NewDisposeScope();
        return Size.Pad(pixels.index_select(0, indices).to(device).to(ScalarType.Float32) / 127.5 - 1).MoveToOuterDisposeScope();
    }

    /// <summary>What a network made, padded and around [-1, 1], at the working size and in [-1, 1]; the caller disposes it.</summary>
    /// <exception cref="InvalidOperationException">It is not made of finite numbers: the last step of the training may do what no later loss shows.</exception>
    public Tensor Crop(Tensor made)
    {
        using DisposeScope scope = NewDisposeScope();
        if (!made.isfinite().all().item<bool>()) throw new InvalidOperationException("The images of the generator are not finite numbers: its training diverged. Lower its LearningRate.");
        return Size.Crop(made).clamp(-1, 1).MoveToOuterDisposeScope();
    }

    /// <summary><see cref="Crop"/> as bytes [B, 3, H, W] on the CPU; the caller disposes them.</summary>
    public Tensor ToBytes(Tensor made)
    {
        using DisposeScope scope = NewDisposeScope();
        return ((Crop(made) + 1) * 127.5).round().to(ScalarType.Byte).cpu().expand(-1, 3, -1, -1).contiguous().MoveToOuterDisposeScope();
    }

    public void Dispose() => pixels.Dispose();
}
