using System.Runtime.InteropServices;
using CobraAD.Export;
using CobraAD.Runtime.Explaining;
using CobraAD.Runtime.Images;

namespace CobraAD.Runtime.Tests;

/// <summary>An exported model frames pictures as its training did.</summary>
public sealed class FramedModelTests
{
    [Fact]
    public void Only_the_region_of_interest_is_scored()
    {
        using TestModel model = Framed("""{ "fit": "stretch", "grey": false, "region": { "x": 8, "y": 4, "width": 10, "height": 10 } }""");
        using RobustDetector detector = RobustDetector.Load(model.Path);

        Assert.Equal(TestModel.ScoreOf(0, 0, 255), detector.Score(TestPicture.WithBlueSquare(40, 8, 4, 10)).Score, 1e-4);
        Assert.Equal(0, detector.Score(TestPicture.WithBlueSquare(40, 18, 4, 10)).Score, 1e-4);
    }

    [Fact]
    public void Padding_is_mid_grey()
    {
        using TestModel model = Framed("""{ "fit": "pad", "grey": false }""");
        using RobustDetector detector = RobustDetector.Load(model.Path);

        ScoreResult result = detector.Score(TestPicture.Plain(200, 100, 0, 32, 16));

        Assert.Equal(TestModel.ScoreOf((200 + 128) / 2.0, (100 + 128) / 2.0, 64), result.Score, 1e-3);
        Assert.Equal((32, 16), (result.Width, result.Height));
    }

    [Fact]
    public void Colours_and_depth_are_those_of_the_training()
    {
        using TestModel model = Framed("""{ "fit": "stretch", "grey": true, "window": { "low": 12850, "high": 25700 } }""");
        using RobustDetector detector = RobustDetector.Load(model.Path);

        // Grey 75 of 255 is half of the way from 50 to 100.
        Assert.Equal(TestModel.ScoreOf(128, 128, 128), detector.Score(TestPicture.Plain(75, 75, 75)).Score, 0.01 * 111);
        // Pure red is grey 76.
        Assert.Equal(TestModel.ScoreOf(133, 133, 133), detector.Score(TestPicture.Plain(255, 0, 0)).Score, 0.01 * 111);
    }

    [Fact]
    public void The_twelve_bits_of_a_camera_keep_their_levels()
    {
        using TestModel model = Framed("""{ "fit": "stretch", "grey": false, "window": { "low": 1000, "high": 1510 } }""");
        using RobustDetector detector = RobustDetector.Load(model.Path);
        // Rows have a gap, as frame grabbers leave one.
        const int stride = 2 * 20;
        byte[] frame = new byte[16 * stride];

        foreach (int level in (int[])[0, 100, 101, 255])
        {
            MemoryMarshal.Cast<byte, ushort>(frame.AsSpan()).Fill((ushort)(1000 + 2 * level));
            Assert.Equal(TestModel.ScoreOf(level, level, level), detector.Score(frame, new PixelLayout(PixelFormat.Grey16, 16, 16, stride)).Score, 1e-3);
        }

        Assert.Throws<ArgumentException>(() => detector.Score(frame, new PixelLayout(PixelFormat.Grey16, 16, 16, stride - 1)));
        Assert.Throws<ArgumentException>(() => detector.Score(frame.AsSpan(1), new PixelLayout(PixelFormat.Grey16, 20, 16)));
    }

    [Fact]
    public void An_image_without_room_for_the_region_is_refused_and_the_next_one_is_scored()
    {
        using TestModel model = Framed("""{ "fit": "stretch", "grey": false, "region": { "x": 8, "y": 4, "width": 10, "height": 10 } }""");
        using RobustDetector detector = RobustDetector.Load(model.Path);

        ImageRejectedException refused = Assert.Throws<ImageRejectedException>(() => detector.Score(TestPicture.Plain(0, 0, 0, 12, 12), "small.png"));

        Assert.Equal(ImageDefect.Misplaced, refused.Defect);
        Assert.Contains("'small.png': the region of interest, 10 × 10 pixels from 8, 4 on, is not inside of its 12 × 12 pixels", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, detector.Score(TestPicture.Plain(0, 0, 0, 40, 40)).Score, 1e-4);
    }

    [Fact]
    public void A_heat_map_covers_the_whole_picture_and_is_clear_where_nothing_is_seen()
    {
        using TestModel model = Framed("""{ "fit": "stretch", "grey": false, "region": { "x": 8, "y": 4, "width": 16, "height": 16 } }""");
        using RobustDetector detector = RobustDetector.Load(model.Path);

        HeatMap heat = detector.Explain(TestPicture.WithBlueSquare(40, 14, 10, 4), new HeatMapOptions { Smoothing = 0 });

        Assert.Equal((40, 40), (heat.Width, heat.Height));
        for (int y = 0; y < 40; y++)
            for (int x = 0; x < 40; x++) Assert.Equal(x is >= 14 and < 18 && y is >= 10 and < 14, heat[x, y] > 0);
    }

    [Fact]
    public void An_image_that_is_framed_already_is_only_resized()
    {
        using TestModel model = Framed("""{ "fit": "pad", "grey": false, "region": { "x": 8, "y": 4, "width": 16, "height": 8 } }""");
        using RobustDetector detector = RobustDetector.Load(model.Path);
        byte[] blue = [.. Enumerable.Range(0, 3 * 16 * 16).Select(i => i % 3 == 2 ? (byte)255 : (byte)0)];

        Assert.Equal(100, detector.Score(blue, new PixelLayout(PixelFormat.Rgb, 16, 16) { IsFramed = true }).Score, 1e-4);
        Assert.Throws<ImageRejectedException>(() => detector.Score(blue, new PixelLayout(PixelFormat.Rgb, 16, 16)));
    }

    [Theory]
    [InlineData("""{ "fit": "squeeze", "grey": false }""", "squeeze")]
    [InlineData("""{ "fit": "pad", "grey": 7 }""", "framing")]
    [InlineData("""{ "fit": "pad", "grey": false, "mask": "%" }""", "cannot be read")]
    public void A_framing_that_cannot_be_read_is_refused_with_the_file(string framing, string expected)
    {
        using TestModel model = Framed(framing);

        ModelRejectedException refused = Assert.Throws<ModelRejectedException>(() => RobustDetector.Load(model.Path));

        Assert.Contains(model.Path, refused.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    private static TestModel Framed(string framing) =>
        new(metadata: new Dictionary<string, string?> { [OnnxMetadata.Data] = $$"""{ "framing": {{framing}} }""" });
}
