using CobraAD.Runtime.Explaining;
using CobraAD.Runtime.Images;
using SkiaSharp;

namespace CobraAD.Runtime.Tests;

public sealed class RobustDetectorTests : IDisposable
{
    private readonly TestModel model = new();
    private readonly RobustDetector detector;

    public RobustDetectorTests() => detector = RobustDetector.Load(model.Path);

    public void Dispose()
    {
        detector.Dispose();
        model.Dispose();
    }

    [Fact]
    public void A_file_a_stream_bytes_and_pixels_of_the_same_image_score_the_same()
    {
        byte[] png = TestPicture.Plain(10, 20, 200, 24, 12);
        string path = model.In("part.png");
        File.WriteAllBytes(path, png);
        byte[] pixels = [.. Enumerable.Repeat((byte[])[10, 20, 200], 24 * 12).SelectMany(pixel => pixel)];

        using MemoryStream stream = new(png);
        ScoreResult[] results = [detector.Score(path), detector.Score(stream), detector.Score(png), detector.Score(pixels, new PixelLayout(PixelFormat.Rgb, 24, 12))];

        double expected = TestModel.ScoreOf(10, 20, 200);
        Assert.All(results, result => Assert.Equal(expected, result.Score, 1e-4));
        Assert.All(results, result => Assert.Equal((24, 12), (result.Width, result.Height)));
        Assert.All(results, result => Assert.True(result.IsAnomalous));
        Assert.All(results, result => Assert.Equal((long)expected, result.NearestIndex));
        Assert.Equal(path, results[0].Source);
    }

    [Theory]
    [InlineData(PixelFormat.Rgb, new byte[] { 10, 20, 30 })]
    [InlineData(PixelFormat.Bgr, new byte[] { 30, 20, 10 })]
    [InlineData(PixelFormat.Rgba, new byte[] { 10, 20, 30, 99 })]
    [InlineData(PixelFormat.Bgra, new byte[] { 30, 20, 10, 99 })]
    public void Channels_are_taken_in_the_order_of_the_format(PixelFormat format, byte[] pixel)
    {
        byte[] pixels = [.. Enumerable.Repeat(pixel, 16 * 16).SelectMany(value => value)];

        Assert.Equal(TestModel.ScoreOf(10, 20, 30), detector.Score(pixels, new PixelLayout(format, 16, 16)).Score, 1e-4);
    }

    [Fact]
    public void Grey_counts_for_all_channels_and_the_gap_between_rows_is_skipped()
    {
        const int stride = 21;
        byte[] pixels = new byte[15 * stride + 16];
        Array.Fill(pixels, (byte)255);
        for (int y = 0; y < 16; y++) pixels.AsSpan(y * stride, 16).Fill(40);

        Assert.Equal(TestModel.ScoreOf(40, 40, 40), detector.Score(pixels, new PixelLayout(PixelFormat.Grey, 16, 16, stride)).Score, 1e-4);
    }

    [Theory]
    [InlineData(16, 16, 0, 767)]
    [InlineData(16, 16, 47, 9999)]
    [InlineData(0, 16, 0, 9999)]
    [InlineData(16, -1, 0, 9999)]
    public void Impossible_layouts_are_refused(int width, int height, int stride, int bytes) =>
        Assert.Throws<ArgumentException>(() => detector.Score(new byte[bytes], new PixelLayout(PixelFormat.Rgb, width, height, stride)));

    [Fact]
    public void A_batch_scores_as_one_by_one_in_order_and_across_passes()
    {
        string[] paths = [.. Enumerable.Range(0, 70).Select(i => model.In($"{i}.png"))];
        for (int i = 0; i < paths.Length; i++) File.WriteAllBytes(paths[i], TestPicture.Plain((byte)i, (byte)(2 * i), (byte)(3 * i), 8 + i, 20));

        IReadOnlyList<ScoreResult> together = detector.ScoreBatch(paths);
        IReadOnlyList<ScoreResult> encoded = detector.ScoreBatch([.. paths.Select(path => (ReadOnlyMemory<byte>)File.ReadAllBytes(path))]);

        Assert.Equal(paths, together.Select(result => result.Source));
        for (int i = 0; i < paths.Length; i++)
        {
            Assert.Equal(detector.Score(paths[i]).Score, together[i].Score, 1e-4);
            Assert.Equal(together[i].Score, encoded[i].Score);
            Assert.Equal(8 + i, together[i].Width);
        }
    }

    [Fact]
    public async Task Many_files_are_scored_in_parallel_and_come_in_order()
    {
        string[] paths = [.. Enumerable.Range(0, 40).Select(i => model.In($"{i}.png"))];
        for (int i = 0; i < paths.Length; i++) File.WriteAllBytes(paths[i], TestPicture.Plain((byte)i, 0, 0));

        List<string?> sources = [];
        await foreach (ScoreResult result in detector.ScoreAsync(paths, new ParallelScoringOptions { MaxParallelism = 5 })) sources.Add(result.Source);

        Assert.Equal(paths, sources);
    }

    [Fact]
    public async Task Files_are_taken_no_further_ahead_than_the_parallelism()
    {
        string path = model.In("a.png");
        File.WriteAllBytes(path, TestPicture.Plain(1, 1, 1));
        int taken = 0;

        await foreach (ScoreResult _ in detector.ScoreAsync(Endless(), new ParallelScoringOptions { MaxParallelism = 3 }))
        {
            Assert.InRange(taken, 1, 4);
            break;
        }

        IEnumerable<string> Endless()
        {
            while (true)
            {
                taken++;
                yield return path;
            }
        }
    }

    [Fact]
    public async Task Cancellation_ends_the_enumeration()
    {
        string path = model.In("a.png");
        await File.WriteAllBytesAsync(path, TestPicture.Plain(1, 1, 1));
        using CancellationTokenSource cancellation = new();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ScoreResult _ in detector.ScoreAsync(Enumerable.Repeat(path, 1000), cancellation: cancellation.Token)) await cancellation.CancelAsync();
        });
    }

    [Fact]
    public async Task A_bad_file_ends_the_enumeration_or_is_reported_and_left_out()
    {
        string good = model.In("good.png");
        string bad = model.In("bad.png");
        await File.WriteAllBytesAsync(good, TestPicture.Plain(1, 1, 1));
        await File.WriteAllBytesAsync(bad, [1, 2, 3]);
        List<ImageRejectedException> rejected = [];

        List<ScoreResult> results = [];
        await foreach (ScoreResult result in detector.ScoreAsync([good, bad, good], new ParallelScoringOptions { OnRejected = rejected.Add })) results.Add(result);

        Assert.Equal(2, results.Count);
        Assert.Equal(bad, Assert.Single(rejected).ImageSource);
        await Assert.ThrowsAsync<ImageRejectedException>(async () =>
        {
            await foreach (ScoreResult _ in detector.ScoreAsync([good, bad, good]))
            {
            }
        });
    }

    [Fact]
    public void The_threshold_can_be_overridden()
    {
        using RobustDetector strict = RobustDetector.Load(model.Path, new RobustDetectorOptions { Threshold = 1 });
        byte[] png = TestPicture.Plain(255, 255, 0);

        ScoreResult usual = detector.Score(png);
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

        Assert.Null(detector.Score(TestPicture.Plain(0, 0, 0)).RobustMargin);
        Assert.Equal(TestModel.Threshold / 10, robust.Score(TestPicture.Plain(0, 0, 0)).RobustMargin!.Value, 6);
        Assert.Equal((100 - TestModel.Threshold) / 20, robust.Score(TestPicture.Plain(0, 0, 255)).RobustMargin!.Value, 4);
    }

    [Fact]
    public void Latencies_are_counted()
    {
        for (int i = 0; i < 20; i++) detector.Score(TestPicture.Plain(1, 1, 1));

        LatencySnapshot latency = detector.Latency;

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
            Assert.Equal(TestModel.ScoreOf(30 * kind, 20 * kind, 10 * kind), detector.Score(images[kind]).Score, 1e-3);
        });
    }

    [Fact]
    public async Task Disposal_waits_for_calls_in_work()
    {
        using RobustDetector shared = RobustDetector.Load(model.Path);
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
        string path = model.In("a.png");
        File.WriteAllBytes(path, png);

        Assert.InRange(BytesPerCall(() => detector.Score(pixels, layout)), 0, 256);
        // Skia's own objects for one file; nothing that grows with the image, which has 300,000 bytes.
        Assert.InRange(BytesPerCall(() => detector.Score(png)), 0, 2048);
        Assert.InRange(BytesPerCall(() => detector.Score(path)), 0, 3072);
    }

    [Fact]
    public void An_explanation_points_at_the_pixels_that_raise_the_score()
    {
        HeatMap heat = detector.Explain(TestPicture.WithBlueSquare(64, left: 40, top: 8, side: 12));

        int best = 0;
        ReadOnlySpan<float> values = heat.Values.Span;
        for (int i = 1; i < values.Length; i++) if (values[i] > values[best]) best = i;
        Assert.InRange(best % heat.Width, 10, 13);
        Assert.InRange(best / heat.Width, 2, 5);
        Assert.Equal(detector.Score(TestPicture.WithBlueSquare(64, 40, 8, 12)).Score, heat.Result.Score, 1e-6);
        using SKBitmap png = SKBitmap.Decode(heat.ToPng());
        Assert.Equal((heat.Width, heat.Height), (png.Width, png.Height));
        Assert.Equal(170, png.GetPixel(best % heat.Width, best / heat.Width).Alpha);
        Assert.Equal(0, png.GetPixel(0, 15).Alpha);
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
