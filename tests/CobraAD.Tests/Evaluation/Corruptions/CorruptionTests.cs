using CobraAD.Datasets;
using CobraAD.Evaluation.Corruptions;
using CobraAD.Tests.Attacks;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Evaluation.Corruptions;

public sealed class CorruptionTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Names => [.. CorruptionCatalog.All.Select(corruption => corruption.Name)];

    public void Dispose() => scope.Dispose();

    [Fact]
    public void There_are_fifteen_with_five_levels_each()
    {
        Assert.Equal(15, CorruptionCatalog.All.Select(corruption => corruption.Name).Distinct().Count());
        Assert.All(CorruptionCatalog.All, corruption => Assert.Equal(Corruption.Severities, corruption.Levels.Count));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_higher_severity_changes_more_and_the_same_seed_changes_the_same(string name)
    {
        Corruption corruption = Named(name);
        Tensor images = Pictures(4);
        Tensor before = images.clone();

        double[] changes = [.. Enumerable.Range(1, 5).Select(severity => (Apply(corruption, images, severity) - images).square().mean().item<float>())];
        Tensor again = Apply(corruption, images, 3);

        Assert.Equal(changes.Order(), changes);
        Assert.True(changes[0] > 1e-6, $"{changes[0]}");
        Assert.True(changes[4] > 1.5 * changes[0]);
        Assert.Equal(0, (again - Apply(corruption, images, 3)).abs().max().item<float>());
        Assert.Equal(0, (before - images).abs().max().item<float>());
        Assert.Equal(images.shape, again.shape);
        Assert.InRange(again.min().item<float>(), 0, 1);
        Assert.InRange(again.max().item<float>(), 0, 1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Small_and_oblong_images_are_corrupted_too(string name)
    {
        Tensor images = Pictures(2).narrow(2, 0, 12).narrow(3, 0, 8).contiguous();

        Assert.Equal(images.shape, Apply(Named(name), images, 5).shape);
    }

    [Theory]
    [InlineData("gaussian noise", 0.12)]
    [InlineData("speckle noise", 0.15)]
    public void Noise_has_the_deviation_that_its_level_says(string name, double expected)
    {
        Tensor grey = full([8, 3, 32, 32], 0.5f);

        Assert.Equal(expected, (Apply(Named(name), grey, 4) - grey).std().item<float>(), 0.01);
    }

    [Fact]
    public void Contrast_keeps_the_mean_and_saturation_ends_in_grey()
    {
        Tensor images = Pictures(2);

        Tensor flat = Apply(Named("contrast"), images, 5), grey = Apply(Named("saturation"), images, 5);

        Assert.Equal(images.mean().item<float>(), flat.mean().item<float>(), 1e-5);
        Assert.Equal(0, (grey.select(1, 0) - grey.select(1, 2)).abs().max().item<float>(), 1e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public void A_severity_outside_one_to_five_is_refused(int severity) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Apply(CorruptionCatalog.All[0], Pictures(1), severity));

    [Fact]
    public void A_detector_of_brightness_sees_false_alarms_when_the_light_changes()
    {
        using AnalyticDetector detector = new(images => images.mean([1, 2, 3])) { Threshold = 0.45 };
        using AnomalyBenchmark benchmark = DarkAndBright();
        List<CorruptionProgress> progress = [];

        CorruptionResult result = new CorruptionBenchmark(detector, new CorruptionOptions { Severities = [1, 5] }).Run(benchmark, new Collector(progress));

        Assert.Equal(30, result.Outcomes.Count);
        Assert.Equal(30, progress[^1].Done);
        Assert.Equal((1.0, 0.0, 0.0), (result.Clean.Auroc, result.Clean.FalseAlarmRate!.Value, result.Clean.EscapeRate!.Value));
        CorruptionOutcome bright = result.Outcomes.Single(outcome => outcome is { Name: "brightness", Severity: 5 });
        Assert.Equal(1, bright.FalseAlarmRate);
        Assert.Equal(0, bright.EscapeRate);
        Assert.InRange(result.MeanAuroc, 0.8, 1);
    }

    [Fact]
    public void Neither_the_batch_size_nor_the_other_images_change_a_result()
    {
        using AnalyticDetector detector = new(images => images.square().mean([1, 2, 3])) { Threshold = 0.2 };
        using AnomalyBenchmark benchmark = DarkAndBright();

        CorruptionResult one = new CorruptionBenchmark(detector, new CorruptionOptions { Severities = [3], BatchSize = 1 }).Run(benchmark);
        CorruptionResult all = new CorruptionBenchmark(detector, new CorruptionOptions { Severities = [3] }).Run(benchmark);

        Assert.Equal(one.Outcomes, all.Outcomes);
    }

    [Fact]
    public void Severities_outside_the_scale_are_refused()
    {
        using AnalyticDetector detector = new(images => images.mean([1, 2, 3]));

        Assert.Throws<ArgumentOutOfRangeException>(() => new CorruptionBenchmark(detector, new CorruptionOptions { Severities = [] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CorruptionBenchmark(detector, new CorruptionOptions { Severities = [1, 9] }));
    }

    private static Corruption Named(string name) => CorruptionCatalog.All.Single(corruption => corruption.Name == name);

    private static Tensor Apply(Corruption corruption, Tensor images, int severity)
    {
        using Generator rng = new(7, CPU);
        return corruption.Apply(images, severity, rng);
    }

    /// <summary>Smooth colours with stripes; a single edge would fall between the blocks of one level and inside those of another.</summary>
    private static Tensor Pictures(int count)
    {
        using Generator rng = new(3, CPU);
        Tensor coarse = rand([count, 3, 8, 8], generator: rng);
        Tensor smooth = nn.functional.interpolate(coarse, size: [32, 32], mode: InterpolationMode.Bilinear, align_corners: false);
        Tensor stripes = (arange(32).to(ScalarType.Float32) * (2 * Math.PI / 9)).sin() * 0.15;
        return (smooth * 0.5 + 0.25 + stripes).clamp(0, 1);
    }

    private static AnomalyBenchmark DarkAndBright()
    {
        Tensor levels = arange(0, 16).to(ScalarType.Int32).mul(6).add(60).reshape(-1, 1, 1, 1);
        ImageSet test = new("dark and bright", levels.expand(16, 3, 16, 16).to(ScalarType.Byte).contiguous(), [.. Enumerable.Range(0, 16).Select(i => $"{i}.png")]);
        bool[] labels = [.. Enumerable.Range(0, 16).Select(i => i >= 10)];
        return new AnomalyBenchmark("dark and bright", "folder", test.Subset([0, 1]), test, labels, [.. labels.Select(label => label ? "bright" : "good")]);
    }

    private sealed class Collector(List<CorruptionProgress> seen) : IProgress<CorruptionProgress>
    {
        public void Report(CorruptionProgress value) => seen.Add(value);
    }
}
