using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using CobraAD.Datasets;
using CobraAD.Evaluation.Metrics;
using CobraAD.Evaluation.Robustness;
using CobraAD.Tests.Attacks;
using CobraAD.Torch.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Evaluation.Robustness;

public sealed class RobustnessEvaluatorTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly string folder = Directory.CreateTempSubdirectory("cobra-evaluation-").FullName;

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(Norm.Linf, AttackOrder.Independent)]
    [InlineData(Norm.L2, AttackOrder.Independent)]
    [InlineData(Norm.Linf, AttackOrder.Sequential)]
    public void No_attack_raises_auroc_and_the_union_is_the_worst(Norm norm, AttackOrder order)
    {
        using AnalyticDetector detector = Wavy();
        RobustnessEvaluator evaluator = new(
            detector, new(norm, 0.02), AttackRecipe.ParseMany("fgsm pgd:steps=5 pgd:steps=5,restarts=3"), new() { Order = order, BootstrapReplicates = 100 });

        using RobustnessResult result = evaluator.Evaluate(new EvaluationSet(Images(), Labels));

        Assert.InRange(result.Clean.Metrics.Auroc, 0.7, 1);
        Assert.All(result.Attacks, attack =>
        {
            Assert.True(attack.Worst.Metrics.Auroc <= result.Clean.Metrics.Auroc);
            Assert.True(attack.Worst.Metrics.AveragePrecision <= result.Clean.Metrics.AveragePrecision);
            Assert.True(attack.Worst.Metrics.Fpr95 >= result.Clean.Metrics.Fpr95);
            Assert.True(result.Union.Metrics.Auroc <= attack.Worst.Metrics.Auroc);
            Assert.True(attack.Audit.Passed);
            Assert.InRange(attack.Audit.LargestScoreDifference, 0, 1e-9);
        });
        Assert.True(result.Union.Metrics.Auroc < result.Clean.Metrics.Auroc);
    }

    [Fact]
    public void A_radius_of_zero_changes_nothing()
    {
        using AnalyticDetector detector = Wavy();
        RobustnessEvaluator evaluator = new(detector, ThreatModel.Parse("0"), [new Fgsm(), new Pgd { Steps = 5, Restarts = 2 }]);

        using RobustnessResult result = evaluator.Evaluate(new EvaluationSet(Images(), Labels));

        Assert.Equal(result.Clean.Scores, result.Union.Scores);
        Assert.Equal(result.Clean.Metrics, result.Union.Metrics);
    }

    [Fact]
    public void The_last_iterate_is_reported_as_such()
    {
        using AnalyticDetector detector = Wavy();
        RobustnessEvaluator evaluator = new(
            detector, new(Norm.Linf, 0.3), [new Pgd { Steps = 3 }], new() { Rule = CandidateRule.LastIterate });

        using RobustnessResult result = evaluator.Evaluate(new EvaluationSet(Images(), Labels));

        Assert.Equal(CandidateRule.LastIterate, result.Rule);
        Assert.All(Enumerable.Range(0, 30), i => Assert.Equal(3, result.Ledger[i].Step));
    }

    [Theory]
    [InlineData("fgsm pgd:steps=6,restarts=2 mi-fgsm:steps=4", AttackOrder.Independent, 2)]
    [InlineData("fgsm pgd:steps=6,restarts=2 mi-fgsm:steps=4", AttackOrder.Independent, 5)]
    [InlineData("fgsm pgd:steps=6,restarts=2 mi-fgsm:steps=4", AttackOrder.Sequential, 5)]
    [InlineData("autoattack:steps=5,restarts=1,queries=10", AttackOrder.Independent, 3)]
    [InlineData("autoattack:steps=5,restarts=1,queries=10", AttackOrder.Independent, 7)]
    [InlineData("fgsm autoattack:steps=5,restarts=1,queries=10 simba:queries=10", AttackOrder.Sequential, 9)]
    [InlineData("a3:budget=80", AttackOrder.Independent, 6)]
    [InlineData("a3:budget=120", AttackOrder.Independent, 14)]
    [InlineData("caa:effort=0.02,search=3,search-samples=4", AttackOrder.Independent, 2)]
    public void An_interrupted_evaluation_goes_on_to_the_same_result(string recipes, AttackOrder order, int batchesBeforeInterruption)
    {
        IReadOnlyList<Attack> attacks = AttackRecipe.ParseMany(recipes);
        RobustnessOptions options = new() { BatchSize = 8, Order = order, BootstrapReplicates = 100, StateFile = Path.Combine(folder, "state"), SaveEvery = TimeSpan.Zero };
        using AnalyticDetector detector = Wavy();
        using RobustnessResult whole = new RobustnessEvaluator(detector, new(Norm.L2, 0.1), attacks, options with { StateFile = null }).Evaluate(new EvaluationSet(Images(), Labels));
        RobustnessEvaluator evaluator = new(detector, new(Norm.L2, 0.1), attacks, options);
        using CancellationTokenSource interruption = new();
        int batches = 0;
        Synchronous<RobustnessProgress> progress = new(_ =>
        {
            if (++batches == batchesBeforeInterruption) interruption.Cancel();
        });

        Assert.Throws<OperationCanceledException>(() => evaluator.Evaluate(new EvaluationSet(Images(), Labels), progress, interruption.Token));
        Assert.True(File.Exists(options.StateFile));
        using RobustnessResult resumed = evaluator.Evaluate(new EvaluationSet(Images(), Labels), progress);

        Assert.Equal(whole.Union.Scores, resumed.Union.Scores);
        Assert.Equal(whole.Attacks.Select(Facts), resumed.Attacks.Select(Facts));
        Assert.Equal(0, (whole.Ledger.WorstImages([.. Enumerable.Range(0, 30)]) - resumed.Ledger.WorstImages([.. Enumerable.Range(0, 30)])).abs().max().item<float>());
        Assert.Equal(Enumerable.Range(0, 30).Select(i => whole.Ledger[i]), Enumerable.Range(0, 30).Select(i => resumed.Ledger[i]));
        Assert.False(File.Exists(options.StateFile));

        static object Facts(AttackOutcome attack) =>
            (attack.Recipe, attack.ForwardPasses, attack.BackwardPasses, attack.RankBroken, attack.Worst.Metrics, string.Join(",", attack.Worst.Scores));
    }

    [Fact]
    public void A_kept_state_lets_a_complete_evaluation_begin_where_it_ended()
    {
        RobustnessOptions options = new() { BatchSize = 8, StateFile = Path.Combine(folder, "state"), KeepState = true, BootstrapReplicates = 100 };
        using AnalyticDetector detector = Wavy();
        RobustnessEvaluator evaluator = new(detector, new(Norm.Linf, 0.02), [new Fgsm(), new Pgd { Steps = 3 }], options);
        using RobustnessResult first = evaluator.Evaluate(new EvaluationSet(Images(), Labels));
        int batches = 0;

        using RobustnessResult again = evaluator.Evaluate(new EvaluationSet(Images(), Labels), new Synchronous<RobustnessProgress>(_ => batches++));

        Assert.True(evaluator.HasState());
        Assert.Equal(0, batches);
        Assert.Equal(first.Union.Scores, again.Union.Scores);
        Assert.Equal(first.Attacks.Select(attack => (attack.BackwardPasses, attack.Duration)), again.Attacks.Select(attack => (attack.BackwardPasses, attack.Duration)));
        evaluator.DeleteState();
        Assert.False(evaluator.HasState());
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_file_that_is_no_state_is_left_as_it_is()
    {
        RobustnessOptions options = new() { BatchSize = 8, StateFile = Path.Combine(folder, "state") };
        File.WriteAllText(options.StateFile, "somebody's work of many years");
        using AnalyticDetector detector = Wavy();
        RobustnessEvaluator evaluator = new(detector, new(Norm.Linf, 0.1), [new Fgsm()], options);

        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => evaluator.Evaluate(new EvaluationSet(Images(), Labels)));

        Assert.Equal($"'{options.StateFile}' is not the state of an evaluation. Name another file; this one was left as it is.", refusal.Message);
        Assert.Equal("somebody's work of many years", File.ReadAllText(options.StateFile));
    }

    [Fact]
    public void A_state_file_of_another_evaluation_or_a_damaged_one_is_refused()
    {
        RobustnessOptions options = new() { BatchSize = 8, StateFile = Path.Combine(folder, "state") };
        using AnalyticDetector detector = Wavy();
        using CancellationTokenSource interruption = new();
        Synchronous<RobustnessProgress> stop = new(_ => interruption.Cancel());
        Assert.Throws<OperationCanceledException>(
            () => new RobustnessEvaluator(detector, new(Norm.Linf, 0.1), [new Fgsm()], options).Evaluate(new EvaluationSet(Images(), Labels), stop, interruption.Token));

        InvalidDataException other = Assert.Throws<InvalidDataException>(
            () => new RobustnessEvaluator(detector, new(Norm.Linf, 0.2), [new Fgsm()], options).Evaluate(new EvaluationSet(Images(), Labels)));
        byte[] content = File.ReadAllBytes(options.StateFile);
        content[content.Length / 2] ^= 1;
        File.WriteAllBytes(options.StateFile, content);
        InvalidDataException damaged = Assert.Throws<InvalidDataException>(
            () => new RobustnessEvaluator(detector, new(Norm.Linf, 0.1), [new Fgsm()], options).Evaluate(new EvaluationSet(Images(), Labels)));

        Assert.Contains("another evaluation", other.Message);
        Assert.Contains("damaged", damaged.Message);
    }

    [Theory]
    [InlineData(AttackOrder.Independent)]
    [InlineData(AttackOrder.Sequential)]
    public void The_security_curve_never_rises_and_survives_an_interruption(AttackOrder order)
    {
        using AnalyticDetector detector = Wavy();
        using ImageSet images = Set();
        RobustnessOptions options = new() { BatchSize = 8, BootstrapReplicates = 100, Order = order, StateFile = Path.Combine(folder, "curve"), SaveEvery = TimeSpan.Zero };
        double[] radii = [0.05, 0, 0.01, 0.2, 0.02];
        EvaluationSet set = new(images, Labels);
        SecurityCurveEvaluator evaluator = new(detector, Norm.Linf, radii, [new Pgd { Steps = 3 }], options);
        IReadOnlyList<RobustnessResult> whole = new SecurityCurveEvaluator(
            detector, Norm.Linf, radii, [new Pgd { Steps = 3 }], options with { StateFile = null }).Evaluate(set);
        using CancellationTokenSource interruption = new();
        int batches = 0;
        Synchronous<RobustnessProgress> progress = new(_ =>
        {
            if (++batches == 7) interruption.Cancel();
        });

        Assert.Throws<OperationCanceledException>(() => evaluator.Evaluate(set, progress, interruption.Token));
        Assert.True(evaluator.HasState());
        IReadOnlyList<RobustnessResult> resumed = evaluator.Evaluate(set);

        Assert.Equal([0, 0.01, 0.02, 0.05, 0.2], whole.Select(result => result.Threat.Epsilon));
        Assert.Equal(whole[0].Clean.Metrics, whole[0].Union.Metrics);
        Assert.All(whole.Zip(whole.Skip(1)), pair => Assert.True(pair.Second.Union.Metrics.Auroc <= pair.First.Union.Metrics.Auroc));
        Assert.True(whole[^1].Union.Metrics.Auroc < whole[1].Union.Metrics.Auroc);
        Assert.Equal(whole.Select(result => string.Join(",", result.Union.Scores)), resumed.Select(result => string.Join(",", result.Union.Scores)));
        Assert.Equal(whole.Select(result => result.Attacks[0].BackwardPasses), resumed.Select(result => result.Attacks[0].BackwardPasses));
        Assert.Empty(Directory.GetFiles(folder));
        foreach (RobustnessResult result in whole.Concat(resumed)) result.Dispose();
    }

    [Fact]
    public void The_sample_is_stratified_and_fixed_by_the_seed()
    {
        using AnalyticDetector detector = Wavy();

        int[] first = Sample(1);
        int[] again = Sample(1);
        int[] other = Sample(2);

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Equal(5, first.Count(i => Labels[i]));
        Assert.Equal(10, first.Length);

        int[] Sample(long seed)
        {
            using RobustnessResult result = new RobustnessEvaluator(
                detector, new(Norm.Linf, 0.01), [new Fgsm()], new() { SamplesPerClass = 5, Seed = seed }).Evaluate(new EvaluationSet(Images(), Labels));
            return [.. result.Sample];
        }
    }

    [Fact]
    public void Errors_at_the_threshold_are_reported_when_the_detector_is_calibrated()
    {
        using AnalyticDetector detector = new(x => x.flatten(1).mean([1L])) { Threshold = 0.5 };
        Tensor images = cat([full([4, 3, 2, 2], 0.45), full([4, 3, 2, 2], 0.6)]);

        using RobustnessResult result = new RobustnessEvaluator(detector, new(Norm.Linf, 0.07), [new Fgsm()]).Evaluate(
            new EvaluationSet(images, [false, false, false, false, true, true, true, true]));

        Assert.Equal(new ThresholdErrors(0.5, 0, 0, 0), result.Clean.AtThreshold);
        Assert.Equal(new ThresholdErrors(0.5, 1, 0, 0.5), result.Union.AtThreshold);
    }

    /// <summary>The limit is less than one image, so that untouched, worst and current points are all in files.</summary>
    [Theory]
    [InlineData(AttackOrder.Independent)]
    [InlineData(AttackOrder.Sequential)]
    public void Images_beyond_the_memory_limit_are_in_files_and_results_the_same_to_the_bit(AttackOrder order)
    {
        using AnalyticDetector detector = Wavy();
        RobustnessOptions options = new() { Order = order, BootstrapReplicates = 100, BatchSize = 7 };
        IReadOnlyList<Attack> attacks = AttackRecipe.ParseMany("pgd:steps=5 apgd:steps=5");

        using RobustnessResult inMemory = new RobustnessEvaluator(detector, new(Norm.Linf, 0.05), attacks, options).Evaluate(new EvaluationSet(Images(), Labels));
        using RobustnessResult inFiles = new RobustnessEvaluator(detector, new(Norm.Linf, 0.05), attacks, options with { MemoryLimit = 1 }).Evaluate(new EvaluationSet(Images(), Labels));

        Assert.False(MappedFile.Holds(inMemory.Ledger.Points));
        Assert.True(MappedFile.Holds(inFiles.Ledger.Points));
        Assert.Equal(inMemory.Union.Scores, inFiles.Union.Scores);
        Assert.All(inMemory.Attacks.Zip(inFiles.Attacks), pair => Assert.Equal(pair.First.Worst.Scores, pair.Second.Worst.Scores));
        using Tensor expected = inMemory.Ledger.WorstImages([.. Enumerable.Range(0, 30)]), found = inFiles.Ledger.WorstImages([.. Enumerable.Range(0, 30)]);
        Assert.True(expected.eq(found).all().item<bool>());
        Assert.True(inMemory.Union.Metrics.Auroc < inMemory.Clean.Metrics.Auroc);
    }

    [Fact]
    public void A_memory_limit_below_a_byte_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RobustnessOptions { MemoryLimit = 0 }.Validate());

    [Fact]
    public void A_test_set_of_one_class_is_refused()
    {
        using AnalyticDetector detector = Wavy();

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => new RobustnessEvaluator(detector, new(Norm.Linf, 0.1), [new Fgsm()]).Evaluate(new EvaluationSet(Images(), [.. Enumerable.Repeat(true, 30)])));

        Assert.Contains("found 0 normal", error.Message);
    }

    private static bool[] Labels { get; } = AttackTrial.Alternating(30);

    /// <summary>Anomalous images are brighter on average; the score has bumps on the way.</summary>
    private static AnalyticDetector Wavy()
    {
        Tensor weights = AttackTrial.Weights().to(ScalarType.Float32);
        return new AnalyticDetector(x => x.flatten(1).mean([1L]) * 4 + ((x * weights).flatten(1).sum(1) * 9).sin() * 0.3)
        {
            OutputFormula = x => stack([x.flatten(1).mean([1L]), (x * weights).flatten(1).sum(1), x.select(1, 0).flatten(1).mean([1L])], 1),
        };
    }

    private static Tensor Images()
    {
        Tensor images = AttackTrial.Images(30, low: 0.1, high: 0.7, type: ScalarType.Float32);
        for (int i = 1; i < 30; i += 2) images[i].add_(0.2);
        return images;
    }

    private static ImageSet Set() => new("test", (Images() * 255).to(ScalarType.Byte), [.. Enumerable.Range(0, 30).Select(i => $"test#{i}")]);

    /// <summary>Reports on the caller's thread, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Synchronous<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
