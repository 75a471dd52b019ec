using System.Diagnostics;
using System.Globalization;
using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Cli.Commands;

/// <summary>
/// What attacks where nobody names an attack: PGD, and APGD on the score and on each of the detector's surrogates. Neither is always the stronger, so
/// the number to quote is that of both.
/// </summary>
/// <param name="steps">Gradient steps of every run; 50 when <see langword="null"/>.</param>
/// <param name="restarts">Runs of each attack on the score itself; 1 when <see langword="null"/>.</param>
internal sealed class DefaultAttack(int? steps, int? restarts)
{
    private const int UsualSteps = 50, UsualRestarts = 1, TimedImages = 16;

    private readonly int steps = steps ?? UsualSteps;
    private readonly int restarts = restarts ?? UsualRestarts;

    /// <summary>The attacks.</summary>
    public IReadOnlyList<Attack> Attacks => [new Pgd { Steps = steps, Restarts = restarts }, new Apgd { Steps = steps, Restarts = restarts, Surrogates = true }];

    /// <summary>What the attacks cost at most, in a line for whoever waits: passes for each image, and how long that takes on this machine.</summary>
    /// <param name="detector">The detector; a few images are scored and differentiated to see how long it takes.</param>
    /// <param name="benchmark">The images.</param>
    /// <param name="samples">Images of each class at most; <see langword="null"/> for all.</param>
    /// <param name="radii">How many radii are attacked.</param>
    public string Forecast(IAnomalyDetector detector, AnomalyBenchmark benchmark, int? samples, int radii)
    {
        int anomalies = benchmark.TestIsAnomalous.Count(isAnomalous => isAnomalous), normals = benchmark.Test.Count - anomalies;
        int images = Math.Min(samples ?? normals, normals) + Math.Min(samples ?? anomalies, anomalies), surrogates = detector.Surrogates.Count;
        int passes = steps * (2 * restarts + surrogates);
        double seconds = SecondsEach(detector, benchmark) * passes * images * radii;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"By default PGD and APGD attack, the latter on {surrogates} {(surrogates == 1 ? "surrogate" : "surrogates")} of the score too: at most {passes} passes forward and back for each of {images} images{(radii > 1 ? $" and {radii} radii" : "")}, about {Duration.InWords(TimeSpan.FromSeconds(Math.Max(1, seconds)))}. --attack names others, --steps and --restarts change these.");
    }

    private static double SecondsEach(IAnomalyDetector detector, AnomalyBenchmark benchmark)
    {
        using DisposeScope scope = NewDisposeScope();
        int count = Math.Min(TimedImages, benchmark.Test.Count);
        Tensor images = benchmark.Test.Batch(0, count, detector.Device);
        double least = double.MaxValue;
        // The first pass makes what the others reuse.
        for (int round = 0; round < 2; round++)
        {
            using DisposeScope pass = NewDisposeScope();
            long started = Stopwatch.GetTimestamp();
            using Tensor leaf = images.clone().requires_grad_();
            Tensor score = detector.Score(leaf);
            if (score.requires_grad) autograd.backward([score.sum()], inputs: [leaf]);
            least = Math.Min(least, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return least / count;
    }
}
