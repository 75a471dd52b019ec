using CobraAD.Datasets.Survey;

namespace CobraAD.Tests.Datasets.Survey;

public sealed class PictureMeasuresTests
{
    private const int Side = 16;

    [Fact]
    public void Brightness_contrast_and_clipping_are_those_of_the_grey_levels()
    {
        PictureMeasures measures = PictureMeasures.Of(Drawn((x, _) => x < Side / 2 ? 0 : 200), Side, Side);

        Assert.Equal(100, measures.Brightness, 9);
        Assert.Equal(100, measures.Contrast, 9);
        Assert.Equal(0.5, measures.Clipped, 9);
        Assert.True(measures.IsGrey);
    }

    /// <summary>A chessboard of ± a has a Laplacian of ∓ 8a everywhere: 64 times its variance.</summary>
    [Fact]
    public void Sharpness_is_the_mean_squared_laplacian_over_the_variance() =>
        Assert.Equal(Math.Log(64), PictureMeasures.Of(Drawn((x, y) => (x + y) % 2 == 0 ? 90 : 110), Side, Side).Sharpness, 9);

    [Fact]
    public void Sharpness_does_not_depend_on_exposure()
    {
        double usual = PictureMeasures.Of(Drawn((x, y) => 4 * (x * y % 10)), Side, Side).Sharpness, brighter = PictureMeasures.Of(Drawn((x, y) => 40 + 8 * (x * y % 10)), Side, Side).Sharpness;

        Assert.Equal(usual, brighter, 9);
    }

    [Fact]
    public void The_same_grey_everywhere_has_no_sharpness() => Assert.Equal(PictureMeasures.NoContrast, PictureMeasures.Of(Drawn((_, _) => 77), Side, Side).Sharpness);

    [Fact]
    public void One_coloured_pixel_makes_a_picture_coloured()
    {
        byte[] pixels = Drawn((x, _) => x);
        pixels[Side * Side + 3]++;

        Assert.False(PictureMeasures.Of(pixels, Side, Side).IsGrey);
    }

    private static byte[] Drawn(Func<int, int, int> grey)
    {
        byte[] pixels = new byte[3 * Side * Side];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)grey(i % Side, i / Side % Side);
        return pixels;
    }
}
