using CobraAD.Datasets;
using CobraAD.Transforms;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Textures;

/// <summary>Textures that the user brought, such as the Describable Textures Dataset (Cimpoi et al. 2014), which DRAEM's authors used.</summary>
/// <param name="images">Of the size of the normal images. The caller keeps and disposes the set.</param>
internal sealed class FolderTextures(ImageSet images) : ITextureSource
{
    public string Name => $"{images.Count} textures of {images.Name}";

    public Tensor Draw(int height, int width, Generator rng)
    {
        if (height != images.Height || width != images.Width)
            throw new ArgumentException($"The textures of '{images.Name}' are {images.Width} × {images.Height}, the images {width} × {height}; load both at one size.", nameof(height));
        using Tensor row = RandomDraw.Below(rng, 1, images.Count);
        return images.Batch(row.data<long>().ToArray(), CPU);
    }
}
