using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using CobraAD.Evaluation.Robustness;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks;

public sealed class AttackSuiteTests
{
    [Theory]
    [InlineData(Budget.Smoke)]
    [InlineData(Budget.Quick)]
    [InlineData(Budget.Standard)]
    [InlineData(Budget.Paper)]
    public void Every_budget_is_a_list_of_recipes(Budget budget)
    {
        IReadOnlyList<Attack> suite = AttackSuite.Create(budget);

        Assert.Equal(suite, AttackRecipe.ParseMany(string.Join(' ', suite)));
        Assert.All(suite, attack => attack.Validate());
    }

    [Fact]
    public void The_papers_budget_is_pgd_1000_with_10_restarts() =>
        Assert.Contains(new Pgd { Steps = 1000, Restarts = 10 }, AttackSuite.Create(Budget.Paper));

    [Theory]
    [InlineData(Norm.Linf, 0.02)]
    [InlineData(Norm.L2, 0.1)]
    public void No_attack_of_the_suite_is_rejected_by_the_audit_and_none_helps_the_detector(Norm norm, double epsilon)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        Tensor kernel = randn([8, 3, 3, 3], generator: rng) * 0.4;
        Tensor prototypes = randn([5, 8], generator: rng);
        Tensor similarity(Tensor x)
        {
            Tensor features = nn.functional.conv2d(x, kernel, padding: [1, 1]).relu().mean([2, 3]);
            return nn.functional.linear(features / (features.square().sum(1, true).sqrt() + 1e-8), prototypes);
        }

        using AnalyticDetector detector = new(x => -similarity(x).amax([1L])) { OutputFormula = similarity, Threshold = -0.2 };
        Tensor images = AttackTrial.Images(16, side: 8, type: ScalarType.Float32);

        using RobustnessResult result = new RobustnessEvaluator(
            detector, new(norm, epsilon), AttackSuite.Create(Budget.Smoke), new() { BootstrapReplicates = 100 }).Evaluate(new EvaluationSet(images, AttackTrial.Alternating(16)));

        Assert.All(result.Attacks, attack =>
        {
            Assert.Equal(new LedgerCheck(attack.Audit.LargestDistance, attack.Audit.LargestScoreDifference, 0, 0), attack.Audit);
            Assert.InRange(attack.Audit.LargestDistance, 0, Ball.Reach(epsilon));
            Assert.InRange(attack.Audit.LargestScoreDifference, 0, 1e-5);
            Assert.True(attack.Worst.Metrics.Auroc <= result.Clean.Metrics.Auroc);
            Assert.True(result.Union.Metrics.Auroc <= attack.Worst.Metrics.Auroc);
            Assert.True(attack.ForwardPasses > 0);
        });
        AttackOutcome fgsm = result.Attacks.Single(attack => attack.Name == "fgsm"), pgd = result.Attacks.Single(attack => attack.Name == "pgd");
        Assert.True(pgd.Worst.Metrics.Auroc <= fgsm.Worst.Metrics.Auroc);
    }
}
