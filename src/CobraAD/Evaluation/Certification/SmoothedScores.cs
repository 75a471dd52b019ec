using System.Diagnostics;
using CobraAD.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Certification;

/// <summary>The scores of an image's noisy copies, which the bounds of a smoothed score are read off.</summary>
internal sealed class SmoothedScores(IAnomalyDetector detector, CertificationOptions options)
{
    private readonly NoiseBank noise = new(options.Seed, "smoothing");

    /// <summary>The scores of all copies of one image, ascending.</summary>
    /// <param name="image">[1, 3, H, W] on the CPU.</param>
    /// <param name="cancellation">Stops between two passes.</param>
    /// <exception cref="InvalidOperationException">A score is NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public double[] Of(Tensor image, CancellationToken cancellation)
    {
        List<double> scores = new(options.Samples);
        foreach ((int portion, int count) in NoiseBank.Portions(options.Samples))
        {
            cancellation.ThrowIfCancellationRequested();
            scores.AddRange(Pass(image, portion, count));
        }

        if (!scores.TrueForAll(double.IsFinite)) throw FiniteScore.NotFinite(detector, [0], "with noise added");
        scores.Sort();
        return [.. scores];
    }

    /// <summary>How long the copies of one image take: a first pass warms up, a second is timed.</summary>
    public TimeSpan TimeOfOne(Tensor image)
    {
        int count = Math.Min(NoiseBank.Portion, options.Samples);
        Pass(image, 0, count);
        long started = Stopwatch.GetTimestamp();
        Pass(image, 0, count);
        return Stopwatch.GetElapsedTime(started) * (options.Samples / (double)count);
    }

    private double[] Pass(Tensor image, int portion, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor copies = (image + options.Sigma * noise.Draw(portion, count, image.size(2), image.size(3))).clamp(0, 1).to(detector.Device);
        return FiniteScore.ToDoubles(FiniteScore.Of(detector, copies));
    }
}
