using CobraAD.Attacks;
using CobraAD.Datasets;
using CobraAD.Evaluation.Robustness;
using CobraAD.Reporting;
using CobraAD.Reporting.Rendering;
using CobraAD.Tests.Attacks;
using SkiaSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Reporting;

/// <summary>From an evaluation to a report: a detector whose score is an image's mean brightness, dark images normal.</summary>
public sealed class EvaluationReportTests : IDisposable
{
    private const int EachClass = 12;

    private readonly AnalyticDetector detector = new(images => images.mean([1, 2, 3])) { Threshold = 0.45 };
    private readonly AnomalyBenchmark benchmark;
    private readonly RobustnessResult result;

    public EvaluationReportTests()
    {
        using Generator rng = new(3, CPU);
        using Tensor noise = randint(0, 20, [2 * EachClass, 3, 8, 8], ScalarType.Int32, generator: rng);
        using Tensor levels = arange(0, 2 * EachClass).to(ScalarType.Int32).mul(5).add(60).reshape(-1, 1, 1, 1);
        using Tensor pixels = noise.add(levels).to(ScalarType.Byte);
        ImageSet test = new("dark and bright", pixels.clone(), [.. Enumerable.Range(0, 2 * EachClass).Select(i => $"somewhere/{i:00}.png")]);
        ImageSet train = test.Subset([0, 1, 2]);
        bool[] labels = [.. Enumerable.Range(0, 2 * EachClass).Select(i => i >= EachClass)];
        benchmark = new AnomalyBenchmark("dark and bright", "folder", train, test, labels, [.. labels.Select(label => label ? "bright" : "good")]);
        RobustnessEvaluator evaluator = new(detector, new ThreatModel(Norm.Linf, 8 / 255.0), AttackRecipe.ParseMany("fgsm pgd:steps=5,restarts=1"), new RobustnessOptions { BootstrapReplicates = 100 });
        result = evaluator.Evaluate(benchmark);
    }

    [Fact]
    public void The_numbers_are_those_of_the_evaluation()
    {
        ReportDetector found = ReportDetector.From(result, benchmark);

        Assert.Equal(result.Clean.Metrics.Auroc, found.Clean.Auroc.Value);
        Assert.Equal(result.Union.Metrics.Auroc, found.Union.Auroc.Value);
        Assert.True(found.Union.Auroc.Value < found.Clean.Auroc.Value);
        Assert.Equal(result.Union.Intervals.Fpr95.High, found.Union.Fpr95.High);
        Assert.Equal(result.Union.AtThreshold!.EscapeRate, found.Union.EscapeRate);
        Assert.Equal(0.45, found.Threshold);
        Assert.Equal(["fgsm", "pgd"], found.Attacks.Select(attack => attack.Name));
        Assert.Equal(result.Attacks.Sum(attack => attack.BackwardPasses), found.Union.BackwardPasses);
    }

    [Fact]
    public void The_hardest_images_are_those_nearest_to_the_other_class()
    {
        IReadOnlyList<HardImage> hardest = ReportDetector.From(result, benchmark, hardestImages: 4).HardestImages;

        Assert.Equal([false, false, true, true], hardest.Select(image => image.IsAnomalous));
        Assert.All(hardest.Take(2), image => Assert.True(image.AttackedScore > image.CleanScore));
        Assert.All(hardest.Skip(2), image => Assert.True(image.AttackedScore < image.CleanScore));
        Assert.Contains("11.png", hardest.Take(2).Select(image => image.Source));
        Assert.Contains("12.png", hardest.Skip(2).Select(image => image.Source));
        Assert.All(hardest, image => Assert.Equal(8 / 255.0, image.PerturbationNorm, 6));
        Assert.All(hardest, image => Assert.Equal(8, image.Magnification));
        using SKBitmap perturbation = SKBitmap.Decode(hardest[0].Perturbation.Png);
        Assert.Equal(192, (double)perturbation.GetPixel(3, 3).Red, 1.0);
    }

    [Fact]
    public void A_report_says_what_was_attacked_and_holds_its_invariants()
    {
        RobustnessReport report = RobustnessReport.From("Dark and bright", benchmark, result, [ReportDetector.From(result, benchmark)], CPU);

        Assert.Equal(benchmark.Test.Fingerprint, report.Data.Fingerprint);
        Assert.Equal((EachClass, EachClass), (report.Data.Normals, report.Data.Anomalies));
        Assert.Equal("ℓ∞ ≤ 8/255", report.Threat.ToString());
        Assert.NotEmpty(report.Invariants);
        Assert.All(report.Invariants, invariant => Assert.True(invariant.Holds, invariant.Name));
        Assert.Contains("a fresh pass confirms every recorded point", report.Invariants[^1].Name, StringComparison.Ordinal);
        Assert.Contains("the untouched image included", Assert.Single(report.Notes), StringComparison.Ordinal);
        Assert.Contains("pgd:steps=5", HtmlReport.Render(report), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        result.Dispose();
        benchmark.Dispose();
        detector.Dispose();
    }
}
