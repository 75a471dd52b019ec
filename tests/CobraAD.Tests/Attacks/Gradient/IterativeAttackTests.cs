using CobraAD.Attacks;
using CobraAD.Attacks.Records;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.Gradient;

/// <summary>What FGSM, PGD and MI-FGSM share.</summary>
public sealed class IterativeAttackTests
{
    public static TheoryData<string, Norm> Family()
    {
        TheoryData<string, Norm> cases = [];
        foreach (Norm norm in Enum.GetValues<Norm>())
        {
            foreach (string recipe in new[] { "fgsm", "pgd:steps=20", "pgd:steps=100,restarts=2", "pgd:steps=20,random-start=true", "mi-fgsm:steps=20,restarts=2" })
                cases.Add(recipe, norm);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Family))]
    public void The_optimum_of_a_linear_score_is_found_on_the_boundary(string recipe, Norm norm)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        using AnalyticDetector detector = new(x => (x * weights).flatten(1).sum(1));
        Tensor images = AttackTrial.Images(6, low: 0.3, high: 0.7);
        ThreatModel threat = new(norm, 0.1);
        // On a sphere, steps of finite length approach the optimum from a random point but do not hit it.
        double tolerance = norm == Norm.L2 && recipe.Contains("random") ? 0.05 : 1e-6;

        double gain = threat.Epsilon * (norm == Norm.Linf ? weights.abs().sum() : weights.square().sum().sqrt()).item<double>();
        foreach (Ledger ledger in AttackTrial.RunBothWays(AttackRecipe.Parse(recipe), detector, images, threat))
        {
            for (int i = 0; i < 6; i++)
            {
                Assert.InRange(ledger[i].Gain(), gain * (1 - tolerance), gain * (1 + 1e-6));
                Tensor distance = new Ball(threat, ledger.CleanImages([i])).Distance(ledger.WorstImages([i]));
                Assert.InRange(distance.item<double>(), 0.1 * (1 - tolerance), Ball.Reach(0.1));
            }
        }
    }
}
