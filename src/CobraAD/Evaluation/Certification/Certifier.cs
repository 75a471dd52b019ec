using System.Globalization;
using System.Security.Cryptography;
using CobraAD.Detection;
using CobraAD.Evaluation.Metrics;
using CobraAD.Evaluation.Robustness;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Certification;

/// <summary>
/// Bounds the score of every image against all ℓ₂ attacks. A detector with a Lipschitz constant (<see cref="ILipschitzScore"/>) is bounded by it, without
/// any sample: A(x) ± L ε. Any other one is bounded in its smoothed form: the median of its score under Gaussian noise.
/// </summary>
/// <example><code>
/// Certificate certificate = new Certifier(detector, new CertificationOptions { Radii = [0.1, 0.25] }).Run(benchmark);
/// Console.WriteLine($"AUROC at least {certificate.Points[0].Auroc:P1} whatever the attack");
/// </code></example>
public sealed class Certifier
{
    private readonly IAnomalyDetector detector;
    private readonly CertificationOptions options;

    /// <summary>Prepares a certification.</summary>
    /// <param name="detector">
    /// The detector, in evaluation mode. Of a <see cref="SmoothedDetector"/> the inner one is smoothed with its σ, over fresh noise.
    /// </param>
    /// <param name="options">Radii, noise and confidence; defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public Certifier(IAnomalyDetector detector, CertificationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(detector);
        options ??= new CertificationOptions();
        options.Validate();
        this.options = options with { Radii = [.. options.Radii.Distinct().Order()] };
        this.detector = detector;
        if (detector is not SmoothedDetector smoothed) return;
        this.detector = smoothed.Inner;
        this.options = this.options with { Sigma = smoothed.Sigma };
        IsSmoothed = true;
    }

    /// <summary>Whether bounds come from the detector's own constant and not from noise.</summary>
    private ILipschitzScore? Exact => IsSmoothed ? null : detector as ILipschitzScore;

    private bool IsSmoothed { get; }

    /// <summary>What <see cref="Run"/> will cost; two passes of the detector are timed.</summary>
    /// <param name="images">The test images.</param>
    /// <exception cref="ArgumentException">A class has no image, or there are too few samples for a radius and the confidence.</exception>
    /// <exception cref="InvalidDataException">The state file is damaged or belongs to another certification.</exception>
    public CertificationCost Estimate(EvaluationSet images)
    {
        (int[] sample, Tensor batch) = Draw(images);
        using Tensor drawn = batch;
        if (Exact is not null) return new CertificationCost(sample.Length, sample.Length, TimeSpan.Zero);
        _ = Ranks(sample.Length);
        int left = sample.Length - Open(drawn).Done.Count;
        using Tensor first = drawn.narrow(0, 0, 1);
        return new CertificationCost(sample.Length, (long)left * options.Samples, new SmoothedScores(detector, options).TimeOfOne(first) * left);
    }

    /// <summary>Computes the bounds.</summary>
    /// <param name="images">The test images.</param>
    /// <param name="progress">Told after every image.</param>
    /// <param name="cancellation">Stops between passes; with a state file the same certification goes on later.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The detector returned NaN, an infinity, or not one score for each image.</exception>
    /// <inheritdoc cref="Estimate"/>
    public Certificate Run(EvaluationSet images, IProgress<CertificationProgress>? progress = null, CancellationToken cancellation = default)
    {
        (int[] sample, Tensor batch) = Draw(images);
        using Tensor drawn = batch;
        bool[] isAnomalous = [.. sample.Select(i => images.IsAnomalous[i])];
        return Exact is { } exact ? ByConstant(exact, drawn, sample, isAnomalous, cancellation) : BySmoothing(drawn, sample, isAnomalous, progress, cancellation);
    }

    private Certificate ByConstant(ILipschitzScore exact, Tensor images, int[] sample, bool[] isAnomalous, CancellationToken cancellation)
    {
        double[] scores = FiniteScore.OfAll(detector, images, BatchedPass.Size, cancellation);
        return Describe(CertificateKind.Lipschitz, detector.Name, sample, isAnomalous, scores, 1, radius =>
        {
            double reach = exact.LipschitzConstant * radius;
            return ([.. scores.Select(score => score - reach)], [.. scores.Select(score => score + reach)]);
        }) with
        { LipschitzConstant = exact.LipschitzConstant };
    }

    private Certificate BySmoothing(Tensor images, int[] sample, bool[] isAnomalous, IProgress<CertificationProgress>? progress, CancellationToken cancellation)
    {
        Dictionary<double, (int Lower, int Upper)> ranks = Ranks(sample.Length);
        SmoothedScores smoothed = new(detector, options);
        CertificationState state = Open(images);
        try
        {
            while (state.Done.Count < sample.Length)
            {
                using Tensor image = images.narrow(0, state.Done.Count, 1);
                state.Add(smoothed.Of(image, cancellation));
                progress?.Report(new CertificationProgress(state.Done.Count, sample.Length));
            }
        }
        catch (OperationCanceledException)
        {
            state.Save();
            throw;
        }

        double[] medians = [.. state.Done.Select(scores => scores[(scores.Length - 1) / 2])];
        string name = FormattableString.Invariant($"{detector.Name}, smoothed with σ = {options.Sigma}");
        Certificate certificate = Describe(CertificateKind.MedianSmoothing, name, sample, isAnomalous, medians, options.Confidence, radius =>
            ([.. state.Done.Select(scores => scores[ranks[radius].Lower - 1])], [.. state.Done.Select(scores => scores[ranks[radius].Upper - 1])]));
        state.Delete();
        return certificate with { Sigma = options.Sigma, Samples = options.Samples };
    }

    private Certificate Describe(
        CertificateKind kind, string name, int[] sample, bool[] isAnomalous, double[] scores, double confidence, Func<double, (double[] Lower, double[] Upper)> bounds)
    {
        return new Certificate
        {
            Detector = name,
            Kind = kind,
            Confidence = confidence,
            Sample = sample,
            IsAnomalous = isAnomalous,
            Scores = scores,
            Auroc = Auroc(scores),
            Points = [.. options.Radii.Select(At)],
        };

        CertifiedPoint At(double radius)
        {
            (double[] lower, double[] upper) = bounds(radius);
            return new CertifiedPoint(radius, Auroc([.. lower.Zip(upper, isAnomalous).Select(image => image.Third ? image.First : image.Second)]), lower, upper);
        }

        double Auroc(double[] values) => DetectionMetrics.Compute(values, isAnomalous).Auroc;
    }

    private Dictionary<double, (int Lower, int Upper)> Ranks(int images) => options.Radii.ToDictionary(radius => radius, radius => SmoothingBounds.Ranks(options, radius, images));

    private (int[] Sample, Tensor Images) Draw(EvaluationSet images)
    {
        ArgumentNullException.ThrowIfNull(images);
        RobustnessOptions drawing = new() { SamplesPerClass = options.SamplesPerClass, Seed = options.Seed };
        int[] sample = images.Sample(drawing);
        return (sample, images.Images(sample, drawing.MostBytesOfOne));
    }

    private CertificationState Open(Tensor images)
    {
        CertificationState state = new(options.StateFile, Fingerprint(images), options.SaveEvery);
        state.Load();
        return state;
    }

    /// <summary>The bounds at other radii come from the same scores, so radii and confidence may differ.</summary>
    private string Fingerprint(Tensor images)
    {
        using Tensor first = images.narrow(0, 0, 1).to(detector.Device);
        using IDisposable frozen = no_grad();
        using Tensor score = FiniteScore.Of(detector, first);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long i = 0; i < images.size(0); i++)
        {
            using Tensor image = images.narrow(0, i, 1).contiguous();
            hash.AppendData(image.bytes);
        }

        return string.Create(CultureInfo.InvariantCulture, $"detector {detector.Name}, first score {FiniteScore.ToDoubles(score)[0]:R}, images {Convert.ToHexStringLower(hash.GetHashAndReset())[..16]}, sigma {options.Sigma}, samples {options.Samples}, seed {options.Seed}");
    }
}
