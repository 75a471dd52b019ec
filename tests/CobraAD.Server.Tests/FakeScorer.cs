using CobraAD.Runtime;
using CobraAD.Runtime.Explaining;
using CobraAD.Runtime.Images;
using CobraAD.Server.Scoring;
using SkiaSharp;

namespace CobraAD.Server.Tests;

/// <summary>A detector for tests: the score of an image is how bright its brightest quarter is, dark parts are good.</summary>
internal sealed class FakeScorer(string hash, double threshold = 0.5) : IScorer
{
    private static readonly double[] Good = [.. Enumerable.Range(0, 200).Select(i => 0.36 + 0.05 * Math.Sin(i))];

    private long scored;

    public ModelInfo Model { get; } = new()
    {
        Name = "fake " + hash[..4],
        FileHash = hash,
        ModelHash = new string('c', 64),
        LibraryVersion = "0.1.0",
        Precision = "float32",
        ScoreKind = "similarity",
        InputHeight = 32,
        InputWidth = 32,
        BankSize = 209,
        Threshold = threshold,
        Scale = 0.1,
        FalseAlarmRate = 0.05,
        FalseAlarmBound = 0.081,
        CalibrationScores = Good,
        Robustness = new RobustnessEstimate(2 / 255.0, 0.06, 0.09, "PGD-100 with 10 restarts"),
        DataLicence = "CC BY-NC-SA 4.0",
    };

    public bool IsDisposed { get; private set; }

    public Action? Working { get; init; }

    public double Threshold => threshold;

    public LatencySnapshot Latency => new(Volatile.Read(ref scored), TimeSpan.FromMilliseconds(4), TimeSpan.FromMilliseconds(4), TimeSpan.FromMilliseconds(6), TimeSpan.FromMilliseconds(9), TimeSpan.FromMilliseconds(12));

    public ScoreResult Score(ReadOnlySpan<byte> image)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        using SKBitmap bitmap = Decode(image);
        Working?.Invoke();
        double score = Brightness(bitmap);
        Interlocked.Increment(ref scored);
        return new ScoreResult(score, Model.Calibrate(score), Threshold, score > Threshold, (long)(score * 1000) % Model.BankSize, TimeSpan.FromMilliseconds(3 + score))
        {
            Width = bitmap.Width,
            Height = bitmap.Height,
            RobustMargin = Model.Robustness!.Margin(score, Threshold),
        };
    }

    public HeatMap Explain(ReadOnlySpan<byte> image)
    {
        using SKBitmap bitmap = Decode(image);
        using SKBitmap small = bitmap.Resize(new SKImageInfo(32, 32), SKSamplingOptions.Default);
        float[] heat = [.. small.Pixels.Select(pixel => Math.Max(0, pixel.Red / 255f - 0.45f))];
        return new HeatMap(32, 32, heat, Score(image));
    }

    public void Dispose() => IsDisposed = true;

    private static SKBitmap Decode(ReadOnlySpan<byte> image)
    {
        if (image.IsEmpty) throw new ImageRejectedException(ImageDefect.Empty, null, "There are no bytes.");
        using SKData data = SKData.CreateCopy(image);
        using SKCodec codec = SKCodec.Create(data) ?? throw new ImageRejectedException(ImageDefect.Unsupported, null, "No known image.");
        if ((long)codec.Info.Width * codec.Info.Height > 1_000_000) throw new ImageRejectedException(ImageDefect.TooLarge, null, "Too many pixels.");
        SKBitmap bitmap = new(codec.Info);
        if (codec.GetPixels(bitmap.Info, bitmap.GetPixels()) is SKCodecResult.Success) return bitmap;
        bitmap.Dispose();
        throw new ImageRejectedException(ImageDefect.Damaged, null, "The image is cut short.");
    }

    private static double Brightness(SKBitmap bitmap)
    {
        double[] pixels = [.. bitmap.Pixels.Select(pixel => (pixel.Red + pixel.Green + pixel.Blue) / 765.0).OrderDescending()];
        return pixels.Take((pixels.Length + 3) / 4).Average();
    }
}
