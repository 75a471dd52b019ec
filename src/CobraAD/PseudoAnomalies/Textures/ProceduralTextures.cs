using CobraAD.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Textures;

/// <summary>
/// Textures from formulas, for who has no folder of photographs: clouds (Perlin noise of four octaves), veins (sin of a direction and clouds), weave
/// (two crossed waves) and cells (distance to the nearest of some points), between two random colours.
/// </summary>
internal sealed class ProceduralTextures : ITextureSource
{
    private const int Octaves = 4;

    public string Name => "procedural textures";

    public Tensor Draw(int height, int width, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor field = RandomDraw.Below(rng, 1, 4).item<long>() switch
        {
            0 => Clouds(height, width, rng),
            1 => Veins(height, width, rng),
            2 => Weave(height, width, rng),
            _ => Cells(height, width, rng),
        };
        Tensor dark = rand([1, 3, 1, 1], generator: rng), bright = rand([1, 3, 1, 1], generator: rng);
        return (dark + (bright - dark) * field).clamp(0, 1).MoveToOuterDisposeScope();
    }

    /// <summary>About in [0, 1]: each octave has twice the cells and half the height of the one before.</summary>
    private static Tensor Clouds(int height, int width, Generator rng)
    {
        Tensor sum = zeros(1, 1, height, width);
        int cells = (int)Whole(rng, 1, 4);
        for (int octave = 0; octave < Octaves; octave++) sum += PerlinNoise.Field(height, width, cells << octave, cells << octave, rng) / (1 << octave);
        return (sum / 2 + 0.5).clamp(0, 1);
    }

    private static Tensor Veins(int height, int width, Generator rng)
    {
        double waves = Number(rng, 2, 12), bend = Number(rng, 2, 8);
        return (Along(height, width, Number(rng, 0, Math.PI)) * (2 * Math.PI * waves) + bend * Clouds(height, width, rng)).sin() / 2 + 0.5;
    }

    private static Tensor Weave(int height, int width, Generator rng)
    {
        double angle = Number(rng, 0, Math.PI), waves = Number(rng, 3, 24), sharpness = Number(rng, 1, 6);
        Tensor warp = (Along(height, width, angle) * (2 * Math.PI * waves)).sin(), weft = (Along(height, width, angle + Math.PI / 2) * (2 * Math.PI * waves)).sin();
        return (sharpness * warp * weft).sigmoid();
    }

    private static Tensor Cells(int height, int width, Generator rng)
    {
        long points = Whole(rng, 6, 40);
        Tensor places = rand([points, 2], generator: rng);
        Tensor down = (arange(height, dtype: ScalarType.Float32) / height).view(-1, 1, 1) - places.select(1, 0);
        Tensor right = (arange(width, dtype: ScalarType.Float32) / width).view(1, -1, 1) - places.select(1, 1);
        Tensor nearest = (down.square() + right.square()).amin([2]).sqrt();
        return (nearest / nearest.max()).view(1, 1, height, width);
    }

    /// <summary>How far each pixel is along a direction, in sides of the image.</summary>
    private static Tensor Along(int height, int width, double angle)
    {
        double side = Math.Max(height, width);
        Tensor down = (arange(height, dtype: ScalarType.Float32) / side).view(1, 1, -1, 1), right = (arange(width, dtype: ScalarType.Float32) / side).view(1, 1, 1, -1);
        return right * Math.Cos(angle) + down * Math.Sin(angle);
    }

    private static double Number(Generator rng, double low, double high) => RandomDraw.Uniform(rng, 1, low, high).item<double>();

    private static long Whole(Generator rng, long low, long high) => low + RandomDraw.Below(rng, 1, high - low + 1).item<long>();
}
