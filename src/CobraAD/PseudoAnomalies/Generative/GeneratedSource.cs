using CobraAD.Datasets;
using CobraAD.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative;

/// <summary>
/// Images that a generator made once, before the training. Each normal image gets a random one as its partner: a generated image has no
/// image that it was made from.
/// </summary>
/// <param name="pool">The generated images; the source does not own them.</param>
/// <param name="name">What made them, as reports name it.</param>
internal sealed class GeneratedSource(ImageSet pool, string name) : IPseudoAnomalySource
{
    public string Name => name;

    /// <remarks>Images that were made smaller than the normal ones are enlarged.</remarks>
    public Tensor Craft(Tensor normals, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor chosen = pool.Batch(RandomDraw.Below(rng, normals.size(0), pool.Count).data<long>().ToArray(), normals.device);
        if (chosen.size(2) != normals.size(2) || chosen.size(3) != normals.size(3))
            chosen = nn.functional.interpolate(chosen, [normals.size(2), normals.size(3)], mode: InterpolationMode.Bilinear, align_corners: false);
        return chosen.MoveToOuterDisposeScope();
    }
}
