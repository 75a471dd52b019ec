using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using CobraAD.Evaluation.Metrics;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.Records;

public sealed class LedgerTests
{
    /// <summary>Moves each image's brightness, so that its score changes by exactly what the plan says.</summary>
    private sealed class Planned(double[] changes, bool evenIfBroken) : IAttack
    {
        public string Name => "planned";

        public void Run(AttackContext context)
        {
            int[] images = evenIfBroken ? [.. Enumerable.Range(0, context.Ledger.Count)] : context.Ledger.OpenImages();
            context.ForEachBatch(Name, images, batch =>
            {
                Tensor change = tensor(batch.Images.Select(i => changes[i]).ToArray()).reshape(-1, 1, 1, 1);
                batch.Evaluate(batch.Clean + batch.Sign.reshape(-1, 1, 1, 1) * change, 0, 1);
            });
        }
    }

    private static AnalyticDetector Brightness() => new(x => x.flatten(1).mean([1L]));

    [Fact]
    public void Skipping_rank_broken_images_changes_no_metric()
    {
        // Drawn from a continuum: with ties among anomalies the step-wise average precision is not monotone.
        Gen.Int[8, 24].Select(Gen.Int[0, 1_000_000]).Sample((count, seed) =>
        {
            Random random = new(seed);
            double[] levels = Draw(0.3, 0.4), first = Draw(0, 0.3), second = Draw(0, 0.3);
            using DisposeScope scope = NewDisposeScope();
            bool[] labels = [.. levels.Select((_, i) => i % 2 == 0)];
            Tensor images = tensor(levels).reshape(-1, 1, 1, 1).expand(-1, 3, 1, 1).contiguous();

            DetectionMetrics skipping = Attacked(evenIfBroken: false);
            DetectionMetrics all = Attacked(evenIfBroken: true);

            Assert.Equal(all.Auroc, skipping.Auroc, 1e-12);
            Assert.Equal(all.AveragePrecision, skipping.AveragePrecision, 1e-12);
            Assert.Equal(all.Fpr95, skipping.Fpr95, 1e-12);

            double[] Draw(double low, double width) => [.. Enumerable.Range(0, count).Select(_ => low + width * random.NextDouble())];

            DetectionMetrics Attacked(bool evenIfBroken)
            {
                using AnalyticDetector detector = Brightness();
                using Ledger ledger = AttackTrial.Run(new Planned(first, evenIfBroken), detector, images, labels, new(Norm.Linf, 0.3));
                new Planned(second, evenIfBroken).Run(new AttackContext(detector, ledger, new CobraAD.Torch.RandomStreams(0), 5));
                return DetectionMetrics.Compute(ledger.WorstScores, labels);
            }
        }, iter: 60, threads: 1);
    }

    [Fact]
    public void Nothing_is_left_in_memory_when_the_ledger_is_disposed()
    {
        using AnalyticDetector detector = new(x => (x.flatten(1).mean([1L]) * 40).round() / 40 + x.flatten(1).sum(1) * 0);
        using Tensor images = full([6, 3, 2, 2], 0.5, ScalarType.Float64);
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        foreach (Attack attack in AttackSuite.Create(Budget.Smoke))
            AttackTrial.Run(attack, detector, images, [false, true, false, true, false, true], new(Norm.L2, 0.1)).Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Only_points_inside_the_ball_count()
    {
        using DisposeScope scope = NewDisposeScope();
        using AnalyticDetector detector = Brightness();
        Tensor images = full([3, 3, 2, 2], 0.5, ScalarType.Float64);

        using Ledger ledger = AttackTrial.Run(new Planned([0.1, 0.1001, 0.7], true), detector, images, [false, true, true], new(Norm.Linf, 0.1));

        Assert.Equal(0.6, ledger[0].WorstScore, 1e-12);
        Assert.Equal(0.5, ledger[1].WorstScore, 1e-12);
        Assert.Equal("clean", ledger[1].FoundBy);
        Assert.Equal(0.5, ledger[2].WorstScore, 1e-12);
    }

    [Fact]
    public void The_worst_point_stays_whatever_comes_later()
    {
        using DisposeScope scope = NewDisposeScope();
        using AnalyticDetector detector = Brightness();
        Tensor images = full([2, 3, 2, 2], 0.5, ScalarType.Float64);

        using Ledger ledger = AttackTrial.Run(new Planned([0.2, 0.2], true), detector, images, [false, true], new(Norm.Linf, 0.3));
        new Planned([0.1, 0.3], true).Run(new AttackContext(detector, ledger, new CobraAD.Torch.RandomStreams(0)));

        Assert.Equal([0.7, 0.2], ledger.WorstScores.Select(score => Math.Round(score, 12)));
        Assert.Equal(0.7, ledger.WorstImages([0]).max().item<double>(), 1e-12);
    }

    [Fact]
    public void A_score_that_is_not_a_number_stops_the_attack_and_names_the_images()
    {
        using DisposeScope scope = NewDisposeScope();
        using AnalyticDetector broken = new(x => x.flatten(1).mean([1L]).log());
        using AnalyticDetector breaks = new(x => (0.55 - x.flatten(1).mean([1L])).sqrt());
        Tensor images = full([2, 3, 2, 2], 0.5, ScalarType.Float64);
        images[1].zero_();

        InvalidOperationException before = Assert.Throws<InvalidOperationException>(
            () => AttackTrial.Run(new Fgsm(), broken, images, [false, true], new(Norm.Linf, 0.1)));
        InvalidOperationException during = Assert.Throws<InvalidOperationException>(
            () => AttackTrial.Run(new Planned([0.1, 0.0], true), breaks, images, [false, true], new(Norm.Linf, 0.1)));

        Assert.Contains("image(s) 1 before any attack", before.Message);
        Assert.Contains("image(s) 0 during attack 'planned'", during.Message);
    }

    [Fact]
    public void A_score_of_the_wrong_shape_is_named()
    {
        using DisposeScope scope = NewDisposeScope();
        using AnalyticDetector detector = new(x => x.flatten(2).mean([2L]));

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => AttackTrial.Run(new Fgsm(), detector, AttackTrial.Images(4), AttackTrial.Alternating(4), new(Norm.Linf, 0.1)));

        Assert.Contains("[4, 3]", error.Message);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void An_impossible_radius_is_refused(double epsilon)
    {
        using DisposeScope scope = NewDisposeScope();
        using AnalyticDetector detector = Brightness();

        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(
            () => AttackTrial.Run(new Fgsm(), detector, AttackTrial.Images(2), [false, true], new(Norm.Linf, epsilon)));

        Assert.Contains("between 0 and 1", error.Message);
    }
}
