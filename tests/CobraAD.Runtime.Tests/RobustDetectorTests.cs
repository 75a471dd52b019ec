using CobraAD.Runtime.Images;

namespace CobraAD.Runtime.Tests;

public sealed class RobustDetectorTests : DetectorTests
{
    [Fact]
    public void A_file_a_stream_bytes_and_pixels_of_the_same_image_score_the_same()
    {
        byte[] png = TestPicture.Plain(10, 20, 200, 24, 12);
        string path = Model.In("part.png");
        File.WriteAllBytes(path, png);
        byte[] pixels = [.. Enumerable.Repeat((byte[])[10, 20, 200], 24 * 12).SelectMany(pixel => pixel)];

        using MemoryStream stream = new(png);
        ScoreResult[] results = [Detector.Score(path), Detector.Score(stream), Detector.Score(png), Detector.Score(pixels, new PixelLayout(PixelFormat.Rgb, 24, 12))];

        double expected = TestModel.ScoreOf(10, 20, 200);
        Assert.All(results, result => Assert.Equal(expected, result.Score, 1e-4));
        Assert.All(results, result => Assert.Equal((24, 12), (result.Width, result.Height)));
        Assert.All(results, result => Assert.True(result.IsAnomalous));
        Assert.All(results, result => Assert.Equal((long)expected, result.NearestIndex));
        Assert.Equal(path, results[0].Source);
    }

    [Fact]
    public void A_batch_scores_as_one_by_one_in_order_and_across_passes()
    {
        string[] paths = [.. Enumerable.Range(0, 70).Select(i => Model.In($"{i}.png"))];
        for (int i = 0; i < paths.Length; i++) File.WriteAllBytes(paths[i], TestPicture.Plain((byte)i, (byte)(2 * i), (byte)(3 * i), 8 + i, 20));

        IReadOnlyList<ScoreResult> together = Detector.ScoreBatch(paths);
        IReadOnlyList<ScoreResult> encoded = Detector.ScoreBatch([.. paths.Select(path => (ReadOnlyMemory<byte>)File.ReadAllBytes(path))]);

        Assert.Equal(paths, together.Select(result => result.Source));
        for (int i = 0; i < paths.Length; i++)
        {
            Assert.Equal(Detector.Score(paths[i]).Score, together[i].Score, 1e-4);
            Assert.Equal(together[i].Score, encoded[i].Score);
            Assert.Equal(8 + i, together[i].Width);
        }
    }

    [Fact]
    public void Every_changed_byte_of_a_model_is_noticed()
    {
        byte[] sound = File.ReadAllBytes(Model.Path);
        Random random = new(1);
        string path = Model.In("changed.onnx");
        for (int i = 0; i < 200; i++)
        {
            byte[] changed = [.. sound];
            changed[random.Next(sound.Length - 80)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, changed);

            Assert.Throws<ModelRejectedException>(() => RobustDetector.Load(path));
        }
    }

    /// <summary>ONNX Runtime looks keys up again by C strings: a key with a zero in it is one it does not find, which is nothing to fail on.</summary>
    [Theory]
    [InlineData("damaged\0key", "value")]
    [InlineData("\0", "")]
    [InlineData("", "a value without a name")]
    public void An_entry_that_nobody_asks_for_does_not_stop_a_model(string key, string value)
    {
        using TestModel model = new(metadata: new Dictionary<string, string?> { [key] = value });

        using RobustDetector detector = RobustDetector.Load(model.Path);

        Assert.Equal("test", detector.Model.Name);
    }

    [Fact]
    public void A_damaged_name_of_an_entry_that_is_needed_is_refused()
    {
        using TestModel model = new(metadata: new Dictionary<string, string?> { [CobraAD.Export.OnnxMetadata.Format] = null, ["cobra\0format"] = "2" });

        Assert.Contains("not exported by CobraAD", Assert.Throws<ModelRejectedException>(() => RobustDetector.Load(model.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"threshold":1e999,"scale":1,"falseAlarmRate":0.05,"falseAlarmBound":0.1}""", "threshold")]
    [InlineData("""{"threshold":50,"scale":0,"falseAlarmRate":0.05,"falseAlarmBound":0.1}""", "scale")]
    [InlineData("""{"threshold":50,"scale":-1,"falseAlarmRate":0.05,"falseAlarmBound":0.1}""", "scale")]
    public void A_number_that_no_operating_point_has_is_refused(string calibration, string named)
    {
        using TestModel model = new(metadata: new Dictionary<string, string?> { [CobraAD.Export.OnnxMetadata.Calibration] = calibration });

        Assert.Contains(named, Assert.Throws<ModelRejectedException>(() => RobustDetector.Load(model.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unmovable_score_has_a_margin_that_a_database_can_hold() =>
        Assert.Equal(1e6, new RobustnessEstimate(0.01, 0, 0, "none").Margin(0.3, 0.5));

    [Fact]
    public void The_threshold_can_be_overridden()
    {
        using RobustDetector strict = RobustDetector.Load(Model.Path, new RobustDetectorOptions { Threshold = 1 });
        byte[] png = TestPicture.Plain(255, 255, 0);

        ScoreResult usual = Detector.Score(png);
        ScoreResult strictly = strict.Score(png);

        Assert.Equal((TestModel.Threshold, false), (usual.Threshold, usual.IsAnomalous));
        Assert.Equal((1.0, true), (strictly.Threshold, strictly.IsAnomalous));
        Assert.True(strictly.Calibrated > 0.5 && usual.Calibrated < 0.5);
        Assert.Equal(strict.Model.Calibrate(strictly.Score, 1), strictly.Calibrated, 12);
    }

    [Fact]
    public void The_robust_margin_compares_the_distance_with_what_attacks_move()
    {
        using TestModel evaluated = new(metadata: new Dictionary<string, string?> { ["cobra.robustness"] = """{"epsilon":0.03,"normalShift":10,"anomalousShift":20,"attack":"PGD"}""" });
        using RobustDetector robust = RobustDetector.Load(evaluated.Path);

        Assert.Null(Detector.Score(TestPicture.Plain(0, 0, 0)).RobustMargin);
        Assert.Equal(TestModel.Threshold / 10, robust.Score(TestPicture.Plain(0, 0, 0)).RobustMargin!.Value, 6);
        Assert.Equal((100 - TestModel.Threshold) / 20, robust.Score(TestPicture.Plain(0, 0, 255)).RobustMargin!.Value, 4);
    }

    [Fact]
    public void Latencies_are_counted()
    {
        for (int i = 0; i < 20; i++) Detector.Score(TestPicture.Plain(1, 1, 1));

        LatencySnapshot latency = Detector.Latency;

        Assert.Equal(20, latency.Count);
        Assert.True(TimeSpan.Zero < latency.P50 && latency.P50 <= latency.P95 && latency.P95 <= latency.P99 && latency.P99 <= latency.Max);
    }

    [Fact]
    public void Threads_can_share_a_detector()
    {
        byte[][] images = [.. Enumerable.Range(0, 8).Select(i => TestPicture.Plain((byte)(30 * i), (byte)(20 * i), (byte)(10 * i), 10 + 10 * i, 33))];

        Parallel.For(0, 400, i =>
        {
            int kind = i % images.Length;
            Assert.Equal(TestModel.ScoreOf(30 * kind, 20 * kind, 10 * kind), Detector.Score(images[kind]).Score, 1e-3);
        });
    }

    [Fact]
    public async Task Disposal_waits_for_calls_in_work()
    {
        using RobustDetector shared = RobustDetector.Load(Model.Path);
        byte[] png = TestPicture.Noise(200, 200);
        using CountdownEvent started = new(2);
        Task[] scoring = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (int i = 0; ; i++)
            {
                shared.Score(png);
                if (i == 0) started.Signal();
            }
        }))];

        started.Wait();
        shared.Dispose();

        foreach (Task task in scoring) await Assert.ThrowsAsync<ObjectDisposedException>(() => task);
    }

    [Fact]
    public void A_steady_stream_allocates_little_more_than_its_results()
    {
        byte[] pixels = new byte[640 * 480 * 3];
        PixelLayout layout = new(PixelFormat.Bgr, 640, 480);
        byte[] png = TestPicture.Noise(320, 240);
        string path = Model.In("a.png");
        File.WriteAllBytes(path, png);

        Assert.InRange(BytesPerCall(() => Detector.Score(pixels, layout)), 0, 256);
        // Skia's own objects for one file; nothing that grows with the image, which has 300,000 bytes.
        Assert.InRange(BytesPerCall(() => Detector.Score(png)), 0, 2048);
        Assert.InRange(BytesPerCall(() => Detector.Score(path)), 0, 3072);
    }

    private static long BytesPerCall(Action call)
    {
        const int calls = 50;
        for (int i = 0; i < 10; i++) call();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < calls; i++) call();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / calls;
    }
}
