using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Metrics;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions;

/// <summary>
/// The benign face of robustness: the same test images, normal and anomalous, under fifteen faults of light, lens, sensor and transport
/// at five severities. What the corruption draws for an image depends on nothing but the seed and the image.
/// </summary>
/// <example>
/// <code>
/// CorruptionResult result = new CorruptionBenchmark(detector).Run(benchmark);
/// Console.WriteLine($"{result.Clean.Auroc:P1} clean, {result.MeanAuroc:P1} corrupted");
/// </code>
/// </example>
internal sealed class CorruptionBenchmark
{
    private readonly IAnomalyDetector detector;
    private readonly CorruptionOptions options;

    /// <summary>Prepares a benchmark.</summary>
    /// <param name="detector">The detector, in evaluation mode.</param>
    /// <param name="options">How it is carried out; defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public CorruptionBenchmark(IAnomalyDetector detector, CorruptionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(detector);
        this.detector = detector;
        this.options = options ?? new CorruptionOptions();
        this.options.Validate();
    }

    /// <summary>Scores a test set under every corruption.</summary>
    /// <param name="benchmark">The data set under its protocol.</param>
    /// <param name="progress">Told after every condition.</param>
    /// <param name="cancellation">Stops between passes.</param>
    /// <exception cref="ArgumentException">A class has no test image.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public CorruptionResult Run(AnomalyBenchmark benchmark, IProgress<CorruptionProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(benchmark);
        RandomStreams streams = new(options.Seed);
        int[] sample = LabelledSample.Draw(benchmark.TestIsAnomalous, benchmark.Test.Count, options.SamplesPerClass, streams);
        bool[] labels = [.. sample.Select(i => benchmark.TestIsAnomalous[i])];
        double[] clean = Scores(benchmark.Test, sample, (images, _) => images.alias(), cancellation);
        List<CorruptionOutcome> outcomes = [];
        int total = CorruptionCatalog.All.Count * options.Severities.Count;
        foreach (Corruption corruption in CorruptionCatalog.All)
        {
            foreach (int severity in options.Severities)
            {
                double[] scores = Scores(benchmark.Test, sample, Corrupt, cancellation);
                outcomes.Add(Outcome(corruption.Name, severity, scores));
                progress?.Report(new CorruptionProgress(outcomes.Count, total, outcomes[^1]));

                Tensor Corrupt(Tensor image, int index)
                {
                    using Generator rng = streams.Create(corruption.Name, severity, index);
                    return corruption.Apply(image, severity, rng);
                }
            }
        }

        return new CorruptionResult(detector.Name, Outcome("untouched", 0, clean), outcomes);

        CorruptionOutcome Outcome(string name, int severity, double[] scores)
        {
            ThresholdErrors? errors = detector.Threshold is double threshold ? ThresholdErrors.At(threshold, scores, clean, labels) : null;
            return new CorruptionOutcome(name, severity, DetectionMetrics.Compute(scores, labels).Auroc, errors?.FalseAlarmRate, errors?.EscapeRate);
        }
    }

    private double[] Scores(ImageSet images, int[] sample, Func<Tensor, int, Tensor> corrupt, CancellationToken cancellation)
    {
        List<double> scores = [];
        foreach (int[] rows in sample.Chunk(options.BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            Tensor batch = cat([.. rows.Select(row => corrupt(images.Batch([row]), row))]);
            scores.AddRange(FiniteScore.ToDoubles(FiniteScore.Of(detector, batch.to(detector.Device))));
        }

        return [.. scores];
    }
}
