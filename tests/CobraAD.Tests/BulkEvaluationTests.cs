using CobraAD.Datasets;
using CobraAD.Evaluation.Robustness;
using CobraAD.Experiments;
using CobraAD.Tests.Attacks;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests;

/// <summary>An evaluation in pieces: the joined result is that of one process.</summary>
public sealed class BulkEvaluationTests : IDisposable
{
    private const int Count = 300;
    private const string Model = "0123";

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder folder = new();
    private readonly AnalyticDetector detector = Wavy();
    private readonly AnomalyBenchmark data = Benchmark(seed: 0);

    public void Dispose()
    {
        data.Dispose();
        detector.Dispose();
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("linf:0.02", "fgsm pgd:steps=5,restarts=2 apgd:steps=5")]
    [InlineData("linf:0.02", "fab:steps=3 square:queries=20 mi-fgsm:steps=3")]
    [InlineData("l2:0.2", "simba:queries=20 pgd:steps=3")]
    public void Pieces_computed_apart_in_any_order_and_merged_are_the_result_of_one_process(string threat, string attacks)
    {
        RobustnessStudy study = new(threat, attacks) { Evaluation = new() { BootstrapReplicates = 100, Seed = 5 } };
        using StudyResult alone = study.Run(detector, data);
        BulkEvaluation here = Plan(study, "here"), there = Plan(study, "there");

        there.Compute(1);
        here.Compute(0);
        Assert.Equal([1], here.Missing());
        Assert.Throws<ExperimentException>(() => here.Join());
        int added = here.Merge(Store("there"));
        using StudyResult joined = here.Join();

        Assert.Equal((2, 1, Count), (here.Pieces, added, here.Images));
        Assert.True(alone.RobustAuroc < alone.CleanAuroc);
        AssertSame(alone.Robustness, joined.Robustness);
        using Tensor wanted = alone.Robustness.Ledger.WorstImages([0, 255, 256, 299]), found = joined.Robustness.Ledger.WorstImages([0, 255, 256, 299]);
        Assert.True(wanted.Equals(found));
        Assert.Equal(alone.Describe().HardestImages.Select(image => (image.Source, Convert.ToHexString(image.Attacked.Png))), joined.Describe().HardestImages.Select(image => (image.Source, Convert.ToHexString(image.Attacked.Png))));
        Assert.Equal(alone.Warnings, joined.Warnings);
    }

    [Fact]
    public void A_sample_of_the_images_is_divided_too()
    {
        RobustnessStudy study = new("0.02", "pgd:steps=3") { Evaluation = new() { BootstrapReplicates = 100, SamplesPerClass = 40, BatchSize = 32 } };
        using StudyResult alone = study.Run(detector, data);

        BulkEvaluation planned = Plan(study, "store");
        foreach (int piece in planned.Missing()) planned.Compute(piece);
        using StudyResult joined = planned.Join();

        AssertSame(alone.Robustness, joined.Robustness);
    }

    [Fact]
    public void An_interrupted_piece_goes_on_where_it_was()
    {
        RobustnessStudy study = new("0.02", "pgd:steps=4 square:queries=10") { Evaluation = new() { BootstrapReplicates = 100, BatchSize = 32, SaveEvery = TimeSpan.Zero } };
        using StudyResult alone = study.Run(detector, data);
        BulkEvaluation planned = Plan(study, "store");
        using CancellationTokenSource stop = new();

        Assert.ThrowsAny<OperationCanceledException>(() => planned.Compute(0, new At(7, stop.Cancel), stop.Token));
        long before = detector.ImagesScored;
        planned.Compute(0);
        long again = detector.ImagesScored - before;
        Plan(study, "fresh").Compute(0);
        long whole = detector.ImagesScored - before - again;
        planned.Compute(1);
        using StudyResult joined = planned.Join();

        Assert.InRange(again, 1, whole - 1);
        AssertSame(alone.Robustness, joined.Robustness);
    }

    [Theory]
    [InlineData("pgd:steps=2 autoattack:steps=2", "autoattack")]
    [InlineData("a3:budget=200", "a3")]
    public void An_attack_that_decides_by_all_images_is_refused(string attacks, string named)
    {
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => Plan(new RobustnessStudy("0.02", attacks), "store"));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Store("store")));
    }

    [Fact]
    public void What_looks_at_all_images_is_refused()
    {
        RobustnessStudy plain = new("0.02", "fgsm");

        Assert.Null(plain.WhyWhole());
        Assert.Contains("radii", (plain with { Radii = [0.01] }).WhyWhole(), StringComparison.Ordinal);
        Assert.Contains("audit", (plain with { Audit = new() }).WhyWhole(), StringComparison.Ordinal);
        Assert.Contains("corruptions", (plain with { Corruptions = new() }).WhyWhole(), StringComparison.Ordinal);
        Assert.Contains("transferred", (plain with { TransferSource = detector }).WhyWhole(), StringComparison.Ordinal);
        Assert.Contains("ranks", (plain with { Evaluation = new() { Order = AttackOrder.Sequential } }).WhyWhole(), StringComparison.Ordinal);
    }

    [Fact]
    public void Results_of_another_evaluation_are_refused_with_the_difference_and_nothing_is_merged()
    {
        RobustnessStudy study = new("0.02", "fgsm"), other = new("0.03", "fgsm");
        BulkEvaluation planned = Plan(study, "store");
        Plan(other, "other").Compute(0);
        using AnomalyBenchmark otherImages = Benchmark(seed: 1);
        BulkEvaluation.Plan(study, detector, otherImages, Model, Store("images"));

        string byThreat = Assert.Throws<ExperimentException>(() => planned.Merge(Store("other"))).Message;
        string byImages = Assert.Throws<ExperimentException>(() => planned.Merge(Store("images"))).Message;
        string byPlan = Assert.Throws<ExperimentException>(() => Plan(other, "store")).Message;
        string byNothing = Assert.Throws<ExperimentException>(() => planned.Merge(folder.Path)).Message;

        Assert.Contains("threat", byThreat, StringComparison.Ordinal);
        Assert.Contains("images", byImages, StringComparison.Ordinal);
        Assert.Contains("holds another evaluation", byPlan, StringComparison.Ordinal);
        Assert.Contains("holds no evaluation", byNothing, StringComparison.Ordinal);
        Assert.Equal([0, 1], planned.Missing());
    }

    [Fact]
    public void A_damaged_piece_is_said()
    {
        BulkEvaluation planned = Plan(new RobustnessStudy("0.02", "fgsm"), "store");
        foreach (int piece in planned.Missing()) planned.Compute(piece);
        string file = Path.Combine(Store("store"), "pieces", "000001.state");
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^100] ^= 1;
        File.WriteAllBytes(file, bytes);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => planned.Join());

        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_piece_can_be_deleted_and_is_computed_again()
    {
        BulkEvaluation planned = Plan(new RobustnessStudy("0.02", "fgsm"), "store");
        foreach (int piece in planned.Missing()) planned.Compute(piece);
        string file = Path.Combine(Store("store"), "pieces", "000001.state");
        File.WriteAllText(file, "half a piece");

        InvalidDataException error = Assert.Throws<InvalidDataException>(planned.Missing);
        File.Delete(file);

        Assert.Equal($"'{file}' is damaged, or no piece of an evaluation. Delete it to compute it again.", error.Message);
        Assert.Equal([1], planned.Missing());
    }

    private static void AssertSame(RobustnessResult wanted, RobustnessResult found)
    {
        Assert.Equal(wanted.Sample, found.Sample);
        Assert.Equal(wanted.Clean.Scores, found.Clean.Scores);
        Assert.Equal(wanted.Union.Scores, found.Union.Scores);
        Assert.Equal(wanted.Union.Metrics, found.Union.Metrics);
        Assert.Equal(wanted.Union.Intervals, found.Union.Intervals);
        foreach ((AttackOutcome one, AttackOutcome other) in wanted.Attacks.Zip(found.Attacks, (one, other) => (one, other)))
        {
            Assert.Equal(one.Worst.Scores, other.Worst.Scores);
            Assert.Equal(one.Worst.Metrics, other.Worst.Metrics);
            Assert.Equal(
                (one.Recipe, one.ForwardPasses, one.BackwardPasses, one.UnusableGradients, one.RankBroken, one.Audit),
                (other.Recipe, other.ForwardPasses, other.BackwardPasses, other.UnusableGradients, other.RankBroken, other.Audit));
        }

        Assert.Equal(Enumerable.Range(0, wanted.Sample.Count).Select(i => wanted.Ledger[i]), Enumerable.Range(0, found.Sample.Count).Select(i => found.Ledger[i]));
    }

    private static AnalyticDetector Wavy() =>
        new(x => x.flatten(1).mean([1L]) * 4 + (x.select(1, 0).flatten(1).sum([1L]) * 3 - x.select(1, 1).flatten(1).sum([1L]) * 2).sin() * 0.3)
        {
            OutputFormula = x => stack([x.flatten(1).mean([1L]), x.select(1, 0).flatten(1).mean([1L])], 1),
        };

    private static AnomalyBenchmark Benchmark(long seed)
    {
        using DisposeScope own = NewDisposeScope();
        using Generator rng = new((ulong)seed, CPU);
        Tensor pixels = rand([Count, 3, 8, 8], generator: rng) * 0.6 + 0.1;
        bool[] labels = [.. Enumerable.Range(0, Count).Select(i => i % 3 == 0)];
        for (int i = 0; i < Count; i++) if (labels[i]) pixels[i].add_(0.03);
        Tensor bytes = (pixels * 255).to(ScalarType.Byte);
        ImageSet test = new("test", bytes, [.. Enumerable.Range(0, Count).Select(i => $"test#{i}")]);
        return new AnomalyBenchmark("noise", "folder", test.Subset([0, 1]), test, labels, [.. labels.Select(label => label ? "bright" : "good")]);
    }

    private string Store(string name) => Path.Combine(folder.Path, name);

    private BulkEvaluation Plan(RobustnessStudy study, string store) => BulkEvaluation.Plan(study, detector, data, Model, Store(store));

    private sealed class At(int report, Action act) : IProgress<RobustnessProgress>
    {
        private int seen;

        public void Report(RobustnessProgress value)
        {
            if (++seen == report) act();
        }
    }
}
