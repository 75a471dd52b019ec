using CobraAD.PseudoAnomalies.Textures;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.PseudoAnomalies.Textures;

public sealed class PerlinNoiseTests
{
    [Theory]
    [InlineData(16, 24, 2, 3)]
    [InlineData(10, 7, 1, 4)]
    public void It_is_what_the_formula_gives_place_by_place(int height, int width, int down, int across)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        Tensor angle = rand([down + 1, across + 1], generator: rng) * 6.28f;
        float[] angles = angle.flatten().data<float>().ToArray();

        float[] field = PerlinNoise.Of(angle, height, width).flatten().data<float>().ToArray();

        for (int row = 0; row < height; row++)
            for (int column = 0; column < width; column++)
            {
                double y = (double)row * down / height, x = (double)column * across / width;
                int cellY = (int)y, cellX = (int)x;
                double sum = 0;
                foreach ((int dy, int dx) in new[] { (0, 0), (0, 1), (1, 0), (1, 1) })
                {
                    double direction = angles[(cellY + dy) * (across + 1) + cellX + dx];
                    double wayY = y - cellY - dy, wayX = x - cellX - dx;
                    double weight = (dy == 0 ? 1 - Fade(y - cellY) : Fade(y - cellY)) * (dx == 0 ? 1 - Fade(x - cellX) : Fade(x - cellX));
                    sum += weight * (Math.Cos(direction) * wayX + Math.Sin(direction) * wayY);
                }

                Assert.Equal(Math.Sqrt(2) * sum, field[row * width + column], 1e-5);
            }

        static double Fade(double t) => 6 * Math.Pow(t, 5) - 15 * Math.Pow(t, 4) + 10 * Math.Pow(t, 3);
    }

    [Fact]
    public void It_vanishes_on_the_lattice_and_stays_in_its_range()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(2, CPU);

        Tensor field = PerlinNoise.Field(64, 64, 8, 4, rng);

        Assert.Equal(0, field[0, 0, 8, 16].item<float>(), 1e-6f);
        Assert.Equal(0, field[0, 0, 32, 48].item<float>(), 1e-6f);
        Assert.InRange(field.abs().max().item<float>(), 0.4f, 1.001f);
    }
}
