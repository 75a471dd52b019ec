using CobraAD.PseudoAnomalies.Textures;
using CobraAD.Transforms;
using CobraAD.Transforms.Hard;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Sources;

/// <summary>
/// DRAEM's anomalies (Zavrtanik et al. 2021, section 3.3): I_a = (1 - M) I + M ((1 - β) T + β I), with β ~ U(0, 0.8), a texture T, and a mask M where
/// Perlin noise of 2^i by 2^j cells, turned by up to 90° either way, is above 0.5.
/// </summary>
/// <param name="textures">T.</param>
internal sealed class PerlinAnomalies(ITextureSource textures) : IPseudoAnomalySource
{
    private const double Level = 0.5, LargestBlend = 0.8;

    /// <summary>Cells are at least this many pixels wide, as they are in the original: 32 cells on 256 pixels. Smaller images have fewer.</summary>
    private const int LeastCell = 8;

    private const int LargestExponent = 5;

    /// <summary>About one mask in six is empty and is drawn again; only of masks this often empty is the last one taken.</summary>
    private const int MostTries = 30;

    private static readonly Rotation Turn = new();

    public string Name => $"{textures.Name} in masks of Perlin noise";

    public Tensor Craft(Tensor normals, Generator rng)
    {
        (Tensor images, Tensor masks) = CraftWithMasks(normals, rng);
        masks.Dispose();
        return images;
    }

    /// <summary>Anomalies and where they are; the caller disposes both.</summary>
    /// <param name="normals">float32 [B, 3, H, W] in [0, 1].</param>
    /// <param name="rng">CPU generator of everything random.</param>
    /// <returns>[B, 3, H, W] in [0, 1], and [B, 1, H, W] of zeros and ones.</returns>
    public (Tensor Images, Tensor Masks) CraftWithMasks(Tensor normals, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        (int height, int width) = ((int)normals.size(2), (int)normals.size(3));
        List<Tensor> masks = [], pasted = [];
        for (long i = 0; i < normals.size(0); i++)
        {
            masks.Add(Mask(height, width, rng));
            using Tensor texture = textures.Draw(height, width, rng);
            pasted.Add(TextureAugmentation.Apply(texture, rng));
        }

        Tensor mask = cat(masks).to(normals.device), source = cat(pasted).to(normals.device);
        Tensor blend = RandomDraw.PerImage(RandomDraw.Uniform(rng, normals.size(0), 0, LargestBlend), normals);
        Tensor images = (1 - mask) * normals + mask * ((1 - blend) * source + blend * normals);
        return (images.clamp(0, 1).MoveToOuterDisposeScope(), mask.MoveToOuterDisposeScope());
    }

    /// <summary>M, float32 [1, 1, height, width] of zeros and ones with at least one 1; the caller disposes it.</summary>
    internal static Tensor Mask(int height, int width, Generator rng)
    {
        for (int tries = 1; ; tries++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor noise = PerlinNoise.Field(height, width, Cells(height, rng), Cells(width, rng), rng);
            Tensor mask = Turn.Apply(noise.clamp(0, 1), rng).gt(Level).to(ScalarType.Float32);
            if (tries == MostTries || mask.any().item<bool>()) return mask.MoveToOuterDisposeScope();
        }
    }

    private static int Cells(int pixels, Generator rng)
    {
        int largest = Math.Clamp((int)Math.Log2((double)pixels / LeastCell), 0, LargestExponent);
        using Tensor exponent = RandomDraw.Below(rng, 1, largest + 1);
        return 1 << (int)exponent.item<long>();
    }
}
