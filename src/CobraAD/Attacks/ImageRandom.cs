using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks;

/// <summary>
/// Random numbers for the images of a batch, each image with a generator of its own: what an image draws does not depend on the batch
/// it is in, on its place there, or on how many other images are still under attack. <see cref="AttackBatch.Random"/> makes them.
/// </summary>
/// <remarks>
/// The same purpose and restart draw the same numbers again, so each use of random numbers in an attack needs a purpose of its own. Draws on
/// the same object go on where the last one ended.
/// </remarks>
/// <example>
/// A random point for each image, and one number in [0, 1) for each:
/// <code>
/// using ImageRandom random = batch.Random("jitter", restart);
/// Tensor start = batch.Ball.RandomPoint(random);
/// Tensor share = Ball.PerRow(random.Uniform(1).squeeze(1), start);
/// </code>
/// </example>
public sealed class ImageRandom : IDisposable
{
    private readonly Generator[] generators;
    private readonly Device device;
    private readonly ScalarType type;

    internal ImageRandom(RandomStreams streams, string purpose, IReadOnlyList<int> images, int restart, Device device, ScalarType type)
    {
        generators = [.. images.Select(image => streams.Create(purpose, image, restart))];
        this.device = device;
        this.type = type;
    }

    /// <summary>Uniform numbers in [0, 1) of the images' type: [B, shape…]; the caller disposes the tensor.</summary>
    /// <param name="shape">Shape for one image.</param>
    public Tensor Uniform(params long[] shape) => Draw(rng => rand(shape, generator: rng));

    /// <summary>Standard normal numbers of the images' type: [B, shape…]; the caller disposes the tensor.</summary>
    /// <param name="shape">Shape for one image.</param>
    public Tensor Normal(params long[] shape) => Draw(rng => randn(shape, generator: rng));

    /// <summary>+1 or -1 with equal probability, of the images' type: [B, shape…]; the caller disposes the tensor.</summary>
    /// <param name="shape">Shape for one image.</param>
    public Tensor Signs(params long[] shape) => Draw(rng => rand(shape, generator: rng).ge(0.5).to(ScalarType.Float32) * 2 - 1);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Generator generator in generators) generator.Dispose();
    }

    private Tensor Draw(Func<Generator, Tensor> draw)
    {
        using DisposeScope scope = NewDisposeScope();
        return stack([.. generators.Select(draw)]).to(type).to(device).MoveToOuterDisposeScope();
    }
}
