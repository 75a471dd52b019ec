using CobraAD.Datasets;
using CobraAD.Transforms;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Sources;

/// <summary>
/// Anomalies that the user brought, such as the samples of a generative model: the honest form of Table 5's GOE, FITYMI and Dream-OOD.
/// Each normal image gets a random one as its partner; nothing of the normal image is used.
/// </summary>
/// <param name="images">The anomalies; of the size of the normal images. The caller keeps and disposes the set.</param>
/// <param name="claimedOrigin">What the user says they are; reports print it as a claim.</param>
internal sealed class FolderSource(ImageSet images, string? claimedOrigin = null) : IPseudoAnomalySource
{
    /// <inheritdoc/>
    public string Name => $"user-supplied images ({images.Count} of {images.Name}{(claimedOrigin is null ? "" : $"; claimed: {claimedOrigin}")})";

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The normal images have another size than the supplied ones.</exception>
    public Tensor Craft(Tensor normals, Generator rng)
    {
        if (normals.size(2) != images.Height || normals.size(3) != images.Width)
            throw new ArgumentException($"The anomalies of '{images.Name}' are {images.Height} × {images.Width}, the normal images {normals.size(2)} × {normals.size(3)}; load both at one size.", nameof(normals));

        using Tensor chosen = RandomDraw.Below(rng, normals.size(0), images.Count);
        return images.Batch(chosen.data<long>().ToArray(), normals.device);
    }
}
