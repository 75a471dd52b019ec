using CobraAD.Runtime.Explaining;
using SkiaSharp;

namespace CobraAD.Runtime.Tests.Explaining;

public sealed class HeatMapTests : DetectorTests
{
    [Fact]
    public void An_explanation_points_at_the_pixels_that_raise_the_score()
    {
        HeatMap heat = Detector.Explain(TestPicture.WithBlueSquare(64, left: 40, top: 8, side: 12));

        int best = 0;
        ReadOnlySpan<float> values = heat.Values.Span;
        for (int i = 1; i < values.Length; i++) if (values[i] > values[best]) best = i;
        Assert.InRange(best % heat.Width, 10, 13);
        Assert.InRange(best / heat.Width, 2, 5);
        Assert.Equal(Detector.Score(TestPicture.WithBlueSquare(64, 40, 8, 12)).Score, heat.Result.Score, 1e-6);
        using SKBitmap png = SKBitmap.Decode(heat.ToPng());
        Assert.Equal((heat.Width, heat.Height), (png.Width, png.Height));
        Assert.Equal(170, png.GetPixel(best % heat.Width, best / heat.Width).Alpha);
        Assert.Equal(0, png.GetPixel(0, 15).Alpha);
    }

    [Fact]
    public void Smoothing_over_the_whole_image_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>("Smoothing", () => Detector.Explain(TestPicture.Plain(1, 1, 1), new HeatMapOptions { Smoothing = 1 }));
}
