using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.Gradient;

public sealed class PgdTests
{
    [Theory]
    [InlineData(Norm.Linf)]
    [InlineData(Norm.L2)]
    public void The_optimum_of_a_quadratic_inside_the_ball_is_found(Norm norm)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = AttackTrial.Images(4, low: 0.4, high: 0.6);
        Tensor shift = AttackTrial.Weights().sign() * 0.02;
        // Anomalies are drawn to the point where the score is least; it lies inside both balls.
        using AnalyticDetector detector = new(x => (x - images - shift).flatten(1).square().sum(1));

        using Ledger ledger = AttackTrial.Run(
            new Pgd { Steps = 200, Schedule = StepSchedule.Cosine }, detector, images, [true, true, true, true], new ThreatModel(norm, norm == Norm.Linf ? 0.05 : 0.3));

        for (int i = 0; i < 4; i++) Assert.True(ledger[i].WorstScore < 0.02 * ledger[i].CleanScore, $"{ledger[i]}");
    }

    [Theory]
    [InlineData(19, StepSchedule.Constant, StepSchedule.Cosine)]
    [InlineData(20, StepSchedule.Cosine, StepSchedule.Constant)]
    public void From_twenty_steps_on_they_shrink_along_a_cosine(int steps, StepSchedule same, StepSchedule other)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        using AnalyticDetector detector = new(x => ((x * weights).flatten(1).sum(1) * 50).sin());
        double[] Scores(StepSchedule schedule)
        {
            using Ledger ledger = AttackTrial.Run(new Pgd { Steps = steps, Schedule = schedule }, detector, AttackTrial.Images(4), new bool[4], new(Norm.Linf, 0.3));
            return [.. ledger.WorstScores];
        }

        double[] automatic = Scores(StepSchedule.Automatic);

        Assert.Equal(Scores(same), automatic);
        Assert.NotEqual(Scores(other), automatic);
    }

    [Theory]
    [InlineData(Norm.Linf)]
    [InlineData(Norm.L2)]
    public void The_first_step_of_the_cosine_goes_as_far_as_the_radius(Norm norm)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights(), images = AttackTrial.Images(3, low: 0.4, high: 0.6);
        using AnalyticDetector detector = new(x => (x * weights).flatten(1).sum(1)) { Remember = true };

        using Ledger ledger = AttackTrial.Run(new Pgd { Steps = 20, IncludeFgsm = false }, detector, images, new bool[3], new(norm, 0.1));

        // The clean pass, the look at the clean image, and the first step.
        Tensor moved = (detector.Seen[2] - images).flatten(1);
        Tensor length = norm == Norm.Linf ? moved.abs().amax([1L]) : moved.square().sum(1).sqrt();
        Assert.All(length.data<double>().ToArray(), l => Assert.Equal(0.1, l, 1e-9));
    }

    [Theory]
    [InlineData("pgd:steps=19", "pgd:steps=19,restarts=1,schedule=automatic,factor=2.5,random-start=false,include-fgsm=true")]
    [InlineData("pgd:steps=20", "pgd:steps=20,restarts=1,schedule=automatic,factor=2.5,first-step=1,random-start=false,include-fgsm=true")]
    [InlineData("pgd:first-step=0.25", "pgd:steps=100,restarts=1,schedule=automatic,factor=2.5,first-step=0.25,random-start=false,include-fgsm=true")]
    [InlineData("pgd:schedule=constant", "pgd:steps=100,restarts=1,schedule=constant,factor=2.5,random-start=false,include-fgsm=true")]
    public void The_recipe_names_the_first_step_where_there_is_a_cosine(string given, string written)
    {
        Attack attack = AttackRecipe.Parse(given);

        Assert.Equal(written, attack.ToString());
        Assert.Equal(written, AttackRecipe.Parse(written).ToString());
    }

    [Theory]
    [InlineData("pgd:steps=10,first-step=1", "FirstStep belongs to the cosine schedule")]
    [InlineData("pgd:schedule=constant,first-step=1", "FirstStep belongs to the cosine schedule")]
    [InlineData("pgd:first-step=3", "FirstStep must be between 0.01 and 2")]
    [InlineData("pgd:first-step=NaN", "FirstStep must be between 0.01 and 2")]
    public void A_first_step_that_cannot_be_is_refused(string recipe, string reason)
    {
        Assert.Contains(reason, Assert.Throws<ArgumentOutOfRangeException>(() => AttackRecipe.Parse(recipe)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Passes_are_counted_for_each_image()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        using AnalyticDetector detector = new(x => (x * weights).flatten(1).sum(1));

        using Ledger ledger = AttackTrial.Run(new Pgd { Steps = 5, Restarts = 2 }, detector, AttackTrial.Images(4), new bool[4], new(Norm.Linf, 0.1));

        // Two restarts of five gradients and a last look, and the FGSM point.
        Assert.Equal(4 * (2 * 6 + 1), ledger.ForwardPasses);
        Assert.Equal(4 * 2 * 5, ledger.BackwardPasses);
        Assert.Equal(ledger.ForwardPasses + 4, detector.ImagesScored);
    }

    [Fact]
    public void More_restarts_and_the_fgsm_candidate_never_weaken_the_attack()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        using AnalyticDetector detector = new(x => ((x * weights).flatten(1).sum(1) * 5).sin() + (x * weights).flatten(1).sum(1) * 0.2);
        bool[] labels = AttackTrial.Alternating(10);
        double[] previous = [.. Enumerable.Repeat(double.NegativeInfinity, 10)];

        foreach (IAttack attack in new IAttack[] { new Fgsm(), new Pgd { Steps = 4 }, new Pgd { Steps = 4, Restarts = 2 }, new Pgd { Steps = 4, Restarts = 6 } })
        {
            if (attack is Pgd { Restarts: 1 }) Array.Fill(previous, double.NegativeInfinity);
            using Ledger ledger = AttackTrial.Run(attack, detector, AttackTrial.Images(10), labels, new(Norm.Linf, 0.3));
            double[] harm = [.. ledger.WorstScores.Select((score, i) => labels[i] ? -score : score)];
            Assert.All(harm.Zip(previous), pair => Assert.True(pair.First >= pair.Second));
            previous = harm;
        }
    }

    [Fact]
    public void An_image_whose_gradient_vanishes_wanders_instead_of_standing_still()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        // A staircase: its gradient is zero everywhere.
        using AnalyticDetector detector = new(x => ((x * weights).flatten(1).sum(1) * 20).round() / 20 + x.flatten(1).sum(1) * 0);

        foreach (Ledger ledger in AttackTrial.RunBothWays(new Pgd { Steps = 20 }, detector, AttackTrial.Images(4), new(Norm.Linf, 0.05)))
        {
            Assert.Equal(ledger.BackwardPasses, ledger.UnusableGradients);
            Assert.All(Enumerable.Range(0, 4), i => Assert.InRange(ledger[i].BackwardPasses, 20, 20));
            Assert.True(Enumerable.Range(0, 4).Average(i => ledger[i].Gain()) > 0.01);
        }
    }

    [Fact]
    public void The_last_iterate_counts_when_asked_for()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        using AnalyticDetector detector = new(x => ((x * weights).flatten(1).sum(1) * 30).sin()) { Remember = true };

        using Ledger ledger = AttackTrial.Run(
            new Pgd { Steps = 7 }, detector, AttackTrial.Images(5), AttackTrial.Alternating(5), new(Norm.Linf, 0.1), rule: CandidateRule.LastIterate);

        Tensor last = detector.Seen[^1];
        Assert.Equal(0, (ledger.WorstImages([0, 1, 2, 3, 4]) - last).abs().max().item<double>());
        Assert.All(Enumerable.Range(0, 5), i => Assert.Equal(7, ledger[i].Step));
    }

    [Fact]
    public void Memory_does_not_grow_with_the_steps()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        long peak = 0;
        using AnalyticDetector detector = new(x =>
        {
            peak = Math.Max(peak, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
            return (x * weights).flatten(1).sum(1);
        });
        Tensor images = AttackTrial.Images(4);

        AttackTrial.RunBothWays(new Pgd { Steps = 10, Restarts = 2 }, detector, images, new(Norm.L2, 0.1));
        long few = peak;
        AttackTrial.RunBothWays(new Pgd { Steps = 60, Restarts = 2 }, detector, images, new(Norm.L2, 0.1));

        Assert.InRange(peak, few, few + 12);
    }
}
