using System.Diagnostics;
using System.Security.Cryptography;
using CobraAD.Export;
using CobraAD.Memory;
using CobraAD.Runtime.Explaining;
using CobraAD.Runtime.Images;
using CobraAD.Runtime.Lanes;
using Microsoft.ML.OnnxRuntime;

namespace CobraAD.Runtime;

/// <summary>
/// Scores images with a model exported by <c>cobra export</c>. Decoding, resizing, network, bank, calibration and threshold are the
/// same as in training. Safe to use from many threads; images that are scored together share the processor's cores.
/// </summary>
/// <example><code>
/// using var detector = RobustDetector.Load("model.onnx");
/// ScoreResult result = detector.Score("part.png");
/// Console.WriteLine(result.IsAnomalous ? "look at this part" : "good");
/// </code></example>
public sealed class RobustDetector : IDisposable
{
    private readonly RobustDetectorOptions options;
    private readonly LanePool lanes;
    private readonly LatencyRing latency = new();

    private RobustDetector(InferenceSession session, ModelInfo model, RobustDetectorOptions options)
    {
        this.options = options;
        lanes = new LanePool(session, model, options);
        Model = model;
    }

    /// <summary>What the model says about itself.</summary>
    public ModelInfo Model { get; }

    /// <summary>The raw score above which an image is called anomalous: the model's, or <see cref="RobustDetectorOptions.Threshold"/>.</summary>
    public double Threshold => options.Threshold ?? Model.Threshold;

    /// <summary>How long recent images took.</summary>
    public LatencySnapshot Latency => latency.Snapshot();

    /// <summary>Loads an exported model.</summary>
    /// <param name="path">An <c>.onnx</c> file made by <c>cobra export</c>.</param>
    /// <param name="options">How it runs and what it refuses; defaults when <see langword="null"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelRejectedException">The file is damaged, was not exported by CobraAD, or is of a newer format.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static RobustDetector Load(string path, RobustDetectorOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new RobustDetectorOptions();
        options.Validate();
        byte[] file = File.ReadAllBytes(path);
        if (OnnxSeal.IsBroken(file))
            throw new ModelRejectedException($"{path}: the content is not what its SHA-256 says. The file was changed or damaged: copy it again, or export it again.");
        InferenceSession session = ModelSession.Open(path, file, options);
        NativeHeap.Trim();
        try
        {
            ModelInfo model = ModelInfoReader.Read(path, ModelProperties.Read(path, file), Convert.ToHexStringLower(SHA256.HashData(file)));
            RobustDetector detector = new(session, model, options);
            if (options.WarmUp) detector.WarmUp();
            return detector;
        }
        catch (OnnxRuntimeException e)
        {
            session.Dispose();
            throw new ModelRejectedException($"{path}: the model does not run ({e.Message}). Export it again.", e);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Scores an image file: PNG, JPEG, BMP, WebP or TIFF, told by its content.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ImageRejectedException">The file cannot be read or decoded, or is too large.</exception>
    /// <exception cref="ModelRejectedException">The model gives no finite score: it is damaged.</exception>
    /// <exception cref="ObjectDisposedException">The detector is disposed.</exception>
    public ScoreResult Score(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long start = Stopwatch.GetTimestamp();
        using LaneLease lease = lanes.Rent(1);
        lease.Lane.Read(path, 0);
        return RunOne(lease.Lane, path, start);
    }

    /// <summary>Scores an image file's content from a stream, which is read to its end and left open.</summary>
    /// <param name="image">The stream.</param>
    /// <param name="source">What to call the image in the result and in errors.</param>
    /// <exception cref="ImageRejectedException">The image cannot be decoded or is too large.</exception>
    /// <exception cref="ModelRejectedException">The model gives no finite score: it is damaged.</exception>
    /// <exception cref="ObjectDisposedException">The detector is disposed.</exception>
    public ScoreResult Score(Stream image, string? source = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        long start = Stopwatch.GetTimestamp();
        using LaneLease lease = lanes.Rent(1);
        lease.Lane.Read(image, source, 0);
        return RunOne(lease.Lane, source, start);
    }

    /// <summary>Scores an image file's content.</summary>
    /// <param name="encoded">The content.</param>
    /// <param name="source">What to call the image in the result and in errors.</param>
    /// <exception cref="ImageRejectedException">The image cannot be decoded or is too large.</exception>
    /// <exception cref="ModelRejectedException">The model gives no finite score: it is damaged.</exception>
    /// <exception cref="ObjectDisposedException">The detector is disposed.</exception>
    public ScoreResult Score(ReadOnlySpan<byte> encoded, string? source = null)
    {
        long start = Stopwatch.GetTimestamp();
        using LaneLease lease = lanes.Rent(1);
        lease.Lane.Read(encoded, source, 0);
        return RunOne(lease.Lane, source, start);
    }

    /// <summary>Scores an uncompressed image, such as a camera's frame.</summary>
    /// <param name="pixels">The pixels.</param>
    /// <param name="layout">How they lie in memory.</param>
    /// <param name="source">What to call the image in the result and in errors.</param>
    /// <exception cref="ArgumentException">The layout is impossible, or the buffer too short for it.</exception>
    /// <exception cref="ImageRejectedException">The image has too many pixels.</exception>
    /// <exception cref="ModelRejectedException">The model gives no finite score: it is damaged.</exception>
    /// <exception cref="ObjectDisposedException">The detector is disposed.</exception>
    public ScoreResult Score(ReadOnlySpan<byte> pixels, PixelLayout layout, string? source = null)
    {
        long start = Stopwatch.GetTimestamp();
        using LaneLease lease = lanes.Rent(1);
        lease.Lane.Read(pixels, layout, source, 0);
        return RunOne(lease.Lane, source, start);
    }

    /// <summary>Scores image files, several in one pass through the network: more images a second than one by one.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="cancellation">Stops between two passes.</param>
    /// <returns>One result for each file, in order.</returns>
    /// <exception cref="ImageRejectedException">A file cannot be read or decoded, or is too large; its path is in the exception.</exception>
    /// <exception cref="ModelRejectedException">The model gives no finite score: it is damaged.</exception>
    /// <exception cref="ObjectDisposedException">The detector is disposed.</exception>
    public IReadOnlyList<ScoreResult> ScoreBatch(IReadOnlyList<string> paths, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return RunBatch(paths.Count, (lane, image, slot) => lane.Read(paths[image], slot), image => paths[image], cancellation);
    }

    /// <summary>Scores the contents of image files, several in one pass through the network.</summary>
    /// <param name="encoded">The contents.</param>
    /// <param name="cancellation">Stops between two passes.</param>
    /// <returns>One result for each image, in order.</returns>
    /// <exception cref="ImageRejectedException">An image cannot be decoded or is too large; its position is in the exception.</exception>
    /// <exception cref="ModelRejectedException">The model gives no finite score: it is damaged.</exception>
    /// <exception cref="ObjectDisposedException">The detector is disposed.</exception>
    public IReadOnlyList<ScoreResult> ScoreBatch(IReadOnlyList<ReadOnlyMemory<byte>> encoded, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(encoded);
        return RunBatch(encoded.Count, (lane, image, slot) => lane.Read(encoded[image].Span, $"#{image}", slot), _ => null, cancellation);
    }

    /// <summary>Scores uncompressed images of one layout, several in one pass through the network.</summary>
    /// <param name="pixels">The pixels of each image.</param>
    /// <param name="layout">How they lie in memory.</param>
    /// <param name="cancellation">Stops between two passes.</param>
    /// <returns>One result for each image, in order.</returns>
    /// <exception cref="ArgumentException">The layout is impossible, or a buffer too short for it.</exception>
    /// <exception cref="ImageRejectedException">The images have too many pixels.</exception>
    /// <exception cref="ModelRejectedException">The model gives no finite score: it is damaged.</exception>
    /// <exception cref="ObjectDisposedException">The detector is disposed.</exception>
    public IReadOnlyList<ScoreResult> ScoreBatch(IReadOnlyList<ReadOnlyMemory<byte>> pixels, PixelLayout layout, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        return RunBatch(pixels.Count, (lane, image, slot) => lane.Read(pixels[image].Span, layout, $"#{image}", slot), _ => null, cancellation);
    }

    /// <summary>Scores image files in parallel, as many at a time as the options allow, and hands out the results in the files' order.</summary>
    /// <param name="paths">The files; enumerated no further ahead than the parallelism.</param>
    /// <param name="parallel">How many at a time, and what happens to images that cannot be scored.</param>
    /// <param name="cancellation">Ends the enumeration; images in work are finished first.</param>
    /// <exception cref="ImageRejectedException">A file cannot be scored and <see cref="ParallelScoringOptions.OnRejected"/> is not set.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ModelRejectedException">The model gives no finite score: it is damaged.</exception>
    /// <exception cref="ObjectDisposedException">The detector is disposed.</exception>
    public IAsyncEnumerable<ScoreResult> ScoreAsync(IEnumerable<string> paths, ParallelScoringOptions? parallel = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        parallel ??= new ParallelScoringOptions();
        parallel.Validate();
        return OrderedScoring.Run(this, paths, parallel, cancellation);
    }

    /// <summary>Finds the pixels that raise the score of an image file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="heat">How to draw them; defaults when <see langword="null"/>.</param>
    /// <param name="cancellation">Stops before the network runs.</param>
    /// <exception cref="ImageRejectedException">The file cannot be read or decoded, or is too large.</exception>
    /// <exception cref="NotSupportedException">The model gives scores only.</exception>
    public HeatMap Explain(string path, HeatMapOptions? heat = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long start = Stopwatch.GetTimestamp();
        using LaneLease lease = lanes.Rent(1);
        lease.Lane.Read(path, 0);
        return Explain(lease.Lane, path, heat, start, cancellation);
    }

    /// <summary>Finds the pixels that raise the score of an image file's content.</summary>
    /// <param name="encoded">The content.</param>
    /// <param name="heat">How to draw them; defaults when <see langword="null"/>.</param>
    /// <param name="cancellation">Stops before the network runs.</param>
    /// <exception cref="ImageRejectedException">The image cannot be decoded or is too large.</exception>
    /// <exception cref="NotSupportedException">The model gives scores only.</exception>
    public HeatMap Explain(ReadOnlySpan<byte> encoded, HeatMapOptions? heat = null, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        using LaneLease lease = lanes.Rent(1);
        lease.Lane.Read(encoded, null, 0);
        return Explain(lease.Lane, null, heat, start, cancellation);
    }

    /// <summary>Finds the pixels that raise the score of an uncompressed image.</summary>
    /// <param name="pixels">The pixels.</param>
    /// <param name="layout">How they lie in memory.</param>
    /// <param name="heat">How to draw them; defaults when <see langword="null"/>.</param>
    /// <param name="cancellation">Stops before the network runs.</param>
    /// <exception cref="ArgumentException">The layout is impossible, or the buffer too short for it.</exception>
    /// <exception cref="ImageRejectedException">The image has too many pixels.</exception>
    /// <exception cref="NotSupportedException">The model gives scores only.</exception>
    public HeatMap Explain(ReadOnlySpan<byte> pixels, PixelLayout layout, HeatMapOptions? heat = null, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        using LaneLease lease = lanes.Rent(1);
        lease.Lane.Read(pixels, layout, null, 0);
        return Explain(lease.Lane, null, heat, start, cancellation);
    }

    /// <summary>Frees the model. Calls that run meanwhile finish first; later ones throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => lanes.Dispose();

    private void WarmUp()
    {
        using LaneLease lease = lanes.Rent(1);
        lease.Lane.Run(1);
        Result(lease.Lane, 0, "the image that is tried at loading", TimeSpan.Zero);
    }

    private ScoreResult RunOne(ScoringLane lane, string? source, long start)
    {
        lane.Run(1);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        latency.Record(elapsed);
        return Result(lane, 0, source, elapsed);
    }

    private ScoreResult Result(ScoringLane lane, int slot, string? source, TimeSpan elapsed)
    {
        double score = lane.Scores[slot];
        // A comparison with NaN is false: such an image would pass for normal.
        if (!double.IsFinite(score) || !double.IsFinite(lane.Calibrated[slot]))
            throw new ModelRejectedException($"The model {Model.Name} gives {(source is null ? "an image" : $"'{source}'")} a score of {score}, calibrated {lane.Calibrated[slot]}, which are no decision. Its file is damaged: copy it again, or export it again.");
        return new ScoreResult(score, lane.Calibrated[slot], Threshold, lane.Anomalous[slot], lane.Nearest[slot], elapsed)
        {
            Source = source,
            Width = lane.Widths[slot],
            Height = lane.Heights[slot],
            RobustMargin = Model.Robustness?.Margin(score, Threshold),
        };
    }

    private ScoreResult[] RunBatch(int count, Action<ScoringLane, int, int> read, Func<int, string?> source, CancellationToken cancellation)
    {
        ScoreResult[] results = new ScoreResult[count];
        if (count == 0) return results;
        using LaneLease lease = lanes.Rent(Math.Min(count, options.MaxBatch));
        ScoringLane lane = lease.Lane;
        for (int first = 0; first < count; first += options.MaxBatch)
        {
            cancellation.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            int batch = Math.Min(options.MaxBatch, count - first);
            for (int slot = 0; slot < batch; slot++) read(lane, first + slot, slot);
            lane.Run(batch);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start) / batch;
            for (int slot = 0; slot < batch; slot++)
            {
                latency.Record(elapsed);
                results[first + slot] = Result(lane, slot, source(first + slot), elapsed);
            }
        }

        return results;
    }

    private HeatMap Explain(ScoringLane lane, string? source, HeatMapOptions? heat, long start, CancellationToken cancellation)
    {
        heat ??= new HeatMapOptions();
        heat.Validate();
        cancellation.ThrowIfCancellationRequested();
        if (!lane.HasMap && !lane.HasGradient)
            throw new NotSupportedException($"'{Model.Name}' gives scores only: it cannot say which pixels raise them. Models of cobra and patchcore can.");
        float[] found = lane.HasMap ? lane.Map() : lane.Gradient();
        // Looking at a part again is not scoring one: neither counter nor latency of the service know of it.
        ScoreResult result = Result(lane, 0, source, Stopwatch.GetElapsedTime(start));
        float[] values = lane.HasMap ? found : GradientHeat.Map(lane.Image(0), found, Model.InputWidth, Model.InputHeight, heat.Smoothing);
        // A map of distances is above zero everywhere; what lies nearest to the bank is clear, and so is what the network does not see.
        float clear = lane.HasMap ? found.Min() : 0;
        (float[] whole, int width, int height) = lane.Back(0, values, clear);
        return new HeatMap(width, height, whole, result, clear);
    }
}
