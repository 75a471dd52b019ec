using CobraAD.Evaluation.Audit;
using CobraAD.Methods.Cobra;
using CobraAD.Reporting;
using CobraAD.Reporting.Pictures;
using static TorchSharp.torch;

namespace CobraAD.Tests.Reporting;

/// <summary>A report with every part filled, from made-up scores: a robust detector and one that breaks.</summary>
internal static class SampleReport
{
    private const int Images = 200;

    private static ScoreChoice Choice { get; } = new(
        CobraScore.Smooth, new CobraScoreConstants { LeastSpread = 0.1 },
        [
            new ScoreCandidate("smooth maximum", [new("hard transforms", 0.98, 0.91), new("scar", 0.84, 0.47)]) { Error = 0 },
            new ScoreCandidate("largest similarity", [new("hard transforms", 0.97, 0.6), new("scar", 0.85, 0.125)]) { Error = 0.02, IsBound = true },
        ]);

    public static RobustnessReport Create()
    {
        ReportDetector robust = Detector("COBRA", "adversarially trained, PGD-10", cleanGap: 4.6, loss: 1.3, flagged: false, seed: 1) with { Score = Choice };
        ReportDetector twin = Detector("Clean-trained twin", "the same network and data, trained without attacks", cleanGap: 4.2, loss: 4.4, flagged: false, seed: 2);
        return new RobustnessReport
        {
            Title = "COBRA and its undefended twin on Fashion-MNIST, class 1",
            Created = new DateTimeOffset(2026, 3, 14, 9, 26, 53, TimeSpan.Zero),
            Data = new ReportData { Name = "fashion-mnist class 1", Protocol = "one-class", Fingerprint = new string('a', 32) + new string('7', 32), Height = 32, Width = 32, Normals = Images, Anomalies = Images, TrainingImages = 400 },
            Threat = new ReportThreat("linf", 4 / 255.0),
            Seed = 20,
            Command = "cobra demo --seed 20 --report out",
            Environment = ReportEnvironment.Current(CPU),
            Detectors = [robust, twin],
            Invariants = [.. ReportInvariant.Check(robust), .. ReportInvariant.Check(twin)],
            Galleries = [Gallery()],
            Notes = ["Both detectors were trained for 90 seconds on 400 images: this is a demonstration, not a benchmark."],
        };
    }

    /// <summary>Two scores of every image; the attack moves each by a random amount towards the other class.</summary>
    public static (double[] Clean, double[] Attacked, bool[] Labels) Scores(double gap, double loss, int seed)
    {
        Random random = new(seed);
        bool[] labels = [.. Enumerable.Range(0, 2 * Images).Select(i => i >= Images)];
        double[] clean = [.. labels.Select(anomalous => (anomalous ? gap : 0) + Normal())];
        double[] attacked = [.. clean.Select((score, i) => score + (labels[i] ? -1 : 1) * loss * (0.6 + 0.8 * random.NextDouble()))];
        return (clean, attacked, labels);

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    public static double Auroc(double[] scores, bool[] labels)
    {
        double[] normals = [.. scores.Where((_, i) => !labels[i])], anomalies = [.. scores.Where((_, i) => labels[i])];
        return anomalies.Sum(a => normals.Sum(n => a > n ? 1.0 : a == n ? 0.5 : 0)) / (normals.Length * (double)anomalies.Length);
    }

    public static Tensor Pictures(int count, int size, int seed)
    {
        using Generator rng = new((ulong)seed, CPU);
        using Tensor coarse = rand([count, 3, size / 4, size / 4], generator: rng);
        return nn.functional.interpolate(coarse, size: [size, size], mode: InterpolationMode.Bilinear, align_corners: false);
    }

    private static ReportDetector Detector(string name, string description, double cleanGap, double loss, bool flagged, int seed)
    {
        (double[] clean, double[] attacked, bool[] labels) = Scores(cleanGap, loss, seed);
        double threshold = clean.Where((_, i) => !labels[i]).Order().ElementAt((int)(0.95 * Images));
        (string Name, string Recipe, double Share)[] attacks =
        [
            ("FGSM", "fgsm", 0.55), ("PGD", "pgd:steps=100,restarts=5", 0.95), ("APGD", "apgd:steps=100,restarts=2", 0.98),
            ("FAB", "fab:steps=50", 0.8), ("Square", "square:queries=1000", 0.75), ("SimBA", "simba:queries=1000,basis=dct", 0.6),
        ];
        return new ReportDetector
        {
            Name = name,
            Description = description,
            ModelHash = seed == 1 ? string.Concat(Enumerable.Repeat("3f", 32)) : null,
            Threshold = threshold,
            TrainingSeconds = 91.4,
            Clean = Condition("Untouched", "", clean, 400, 0, 0.21),
            Attacks = [.. attacks.Select((attack, i) => Condition(attack.Name, attack.Recipe, At(attack.Share), 40_000 * (i + 1), i < 4 ? 40_000 * (i + 1) : 0, 7.3 * (i + 1)))],
            Union = Condition("All attacks together", "", attacked, 840_000, 400_000, 153),
            SecurityCurve = [.. new[] { 0, 1, 2, 4, 8, 16 }.Select(levels => new ReportSecurityPoint(levels / 255.0, Metric(Auroc(At(levels / 4.0), labels))))],
            Roc = RocCurve.From(clean, attacked, labels),
            Scores = ScoreHistogram.From(clean, attacked, labels),
            Audit = Audit(flagged),
            AuditRun = new ReportAuditRun("quick", 50, 50, 0.981, 0.872, 187.2),
            Corruptions =
            [
                new ReportCorruption("untouched", 0, 0.97, 0.05, 0.04),
                .. new[] { "gaussian noise", "defocus blur", "jpeg" }.SelectMany(name => Enumerable.Range(1, 5).Select(severity => new ReportCorruption(name, severity, 0.97 - 0.04 * severity, 0.04 * severity, 0.03 * severity))),
            ],
            HardestImages = [.. Enumerable.Range(0, 6).Select(i => Hard(i, seed))],
        };

        double[] At(double share) => [.. clean.Zip(attacked, (before, after) => before + share * (after - before))];

        ReportCondition Condition(string condition, string recipe, double[] scores, long forward, long backward, double seconds) => new()
        {
            Name = condition,
            Recipe = recipe,
            Auroc = Metric(Auroc(scores, labels)),
            Aupr = Metric(Math.Max(0, Auroc(scores, labels) - 0.01)),
            Fpr95 = Metric(1 - Auroc(scores, labels)),
            FalseAlarmRate = scores.Where((score, i) => !labels[i] && score > threshold).Count() / (double)Images,
            EscapeRate = scores.Where((score, i) => labels[i] && score <= threshold).Count() / (double)Images,
            ForwardPasses = forward,
            BackwardPasses = backward,
            Seconds = seconds,
        };
    }

    private static ReportMetric Metric(double value)
    {
        double half = 1.96 * Math.Sqrt(value * (1 - value) / (2 * Images)) + 0.002;
        return new ReportMetric(value, Math.Max(0, value - half), Math.Min(1, value + half));
    }

    private static List<AuditCheck> Audit(bool flagged) =>
    [
        new(1, "No budget", AuditStatus.Pass, "equal", "AUROC at ε = 0 equals the clean one bit for bit", "An attack without budget changes nothing."),
        new(2, "Unbounded attack", flagged ? AuditStatus.Flag : AuditStatus.Pass, flagged ? "AUROC 31.2%" : "AUROC 0.0%", "AUROC ≤ 1% at ε = 1", flagged ? "An attacker who may draw anything still fails: the gradient leads nowhere." : "With an unlimited budget the attack wins completely, so its gradient is sound."),
        new(5, "Iterative beats single step", AuditStatus.Pass, "90.4% ≤ 95.1%", "AUROC(PGD-20) ≤ AUROC(FGSM)", "More steps find worse images, as they must."),
        new(12, "Transfer", AuditStatus.Skipped, "", "Attacks made on an undefended twin are weaker", "No twin was given; pass one with --twin."),
    ];

    private static HardImage Hard(int index, int seed)
    {
        using IDisposable scope = NewDisposeScope();
        Tensor clean = Pictures(1, 32, 100 * seed + index)[0];
        using Generator rng = new((ulong)(7 + index), CPU);
        Tensor attacked = clean.add(rand(clean.shape, generator: rng).sub(0.5).sign().mul(4 / 255f)).clamp(0, 1);
        return new HardImage
        {
            Source = $"test/{(index % 2 == 0 ? "good" : "class 7")}/{index:000}.png",
            IsAnomalous = index % 2 == 1,
            Kind = index % 2 == 0 ? "good" : "class 7",
            CleanScore = -0.99 + 0.07 * index,
            AttackedScore = -0.52 - 0.03 * index,
            Attack = "APGD",
            PerturbationNorm = 4 / 255.0,
            Clean = new ReportImage(PngImage.Encode(clean), "The untouched image"),
            Attacked = new ReportImage(PngImage.Encode(attacked), "The attacked image"),
            Perturbation = new ReportImage(PngImage.EncodePerturbation(clean, attacked, 32), "The difference"),
            Magnification = 32,
        };
    }

    private static ReportGallery Gallery()
    {
        using IDisposable scope = NewDisposeScope();
        Tensor pictures = Pictures(8, 32, 3);
        return new ReportGallery("What the detector learned from", "Normal training images and the pseudo-anomalies made of them.",
            [.. Enumerable.Range(0, 8).Select(i => new ReportImage(PngImage.Encode(pictures[i]), i % 2 == 0 ? "Normal" : "Pseudo-anomaly, p = 0.003"))]);
    }
}
