using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Textures;

/// <summary>Where the textures come from that are pasted into normal images.</summary>
internal interface ITextureSource
{
    /// <summary>What reports call it.</summary>
    string Name { get; }

    /// <summary>A texture; the caller disposes it.</summary>
    /// <param name="height">Of the images.</param>
    /// <param name="width">Of the images.</param>
    /// <param name="rng">CPU generator of everything random.</param>
    /// <returns>float32 [1, 3, height, width] in [0, 1] on the CPU.</returns>
    Tensor Draw(int height, int width, Generator rng);
}
