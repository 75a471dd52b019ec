using CobraAD.Attacks;
using CobraAD.Attacks.Records;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks;

/// <summary>Every attack on scores whose worst case is known in closed form.</summary>
public sealed class KnownOptimumTests
{
    /// <summary>The attack, and the share of the best possible change of the score that it must reach in each norm.</summary>
    public static TheoryData<string, Norm, double> Linear => Cases(
        ("fgsm", 1, 1), ("pgd:steps=20", 1, 1), ("mi-fgsm", 1, 1), ("apgd:steps=30,restarts=1", 1, 0.999), ("apgd:restarts=0,surrogates=true,steps=30", 1, 0.999),
        ("apgd:restarts=0,targets=2,steps=30", 1, 0.999), ("fab:steps=10,restarts=2", 1, 1), ("square:queries=1200", 0.95, 0.5), ("simba", 1, 0.7), ("simba:basis=dct", 0.5, 0.7),
        ("autoattack:steps=20,restarts=1,queries=50", 1, 1), ("caa:effort=0.1", 1, 0.999), ("caa:policy=ddn@1x30>mi@0.5x20>pgd@1x20", 1, 0.999), ("a3:budget=60", 1, 0.999));

    /// <summary>As above, for a score that is minus the largest of two cosines.</summary>
    public static TheoryData<string, Norm, double> Cosines => Cases(
        ("pgd:steps=50", 0.999, 0.99), ("mi-fgsm:steps=50", 0.999, 0.98), ("apgd:steps=50,restarts=1", 0.999, 0.99), ("fab:steps=20,restarts=2", 0.999, 0.9),
        ("square:queries=500", 0.999, 0.85), ("simba", 0.999, 0.2), ("autoattack:steps=50,restarts=1,queries=50", 0.999, 0.99),
        ("caa:effort=0.3", 0.999, 0.99), ("a3:budget=100", 0.999, 0.99));

    [Theory]
    [MemberData(nameof(Linear))]
    public void A_linear_score_is_driven_to_the_boundary(string recipe, Norm norm, double share)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights(side: 6);
        Tensor score(Tensor x) => (x * weights).flatten(1).sum(1);
        using AnalyticDetector detector = new(score)
        {
            Surrogates = [new("tanh", x => (score(x) * 0.1).tanh())],
            // Two outputs that fall as the score rises, like similarities to normal prototypes.
            OutputFormula = x => stack([1 - score(x), 2 - 3 * score(x)], 1),
        };
        Tensor images = AttackTrial.Images(4, side: 6, low: 0.3, high: 0.7);
        ThreatModel threat = new(norm, 0.1);
        double best = 0.1 * (norm == Norm.Linf ? weights.abs().sum() : weights.square().sum().sqrt()).item<double>();

        foreach (Ledger ledger in AttackTrial.RunBothWays(AttackRecipe.Parse(recipe), detector, images, threat))
        {
            for (int i = 0; i < 4; i++)
            {
                Assert.InRange(ledger[i].Gain() / best, share - 1e-6, 1 + 1e-6);
                Tensor distance = new Ball(threat, ledger.CleanImages([i])).Distance(ledger.WorstImages([i]));
                Assert.InRange(distance.item<double>(), 0.1 * (1 - 1e-6), Ball.Reach(0.1));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cosines))]
    public void The_nearest_of_two_prototypes_is_left_or_reached_as_far_as_the_ball_allows(string recipe, Norm norm, double share)
    {
        using DisposeScope scope = NewDisposeScope();
        // Two pixels seen from (0.5, 0.5) have an angle; the prototypes lie at 0° and 90°, the image at 25° and distance 0.3.
        const double start = 25 * Math.PI / 180, radius = 0.3, epsilon = 0.06;
        Tensor images = full([1, 3, 2, 2], 0.5, ScalarType.Float64);
        images[0, 0, 0, 0] = 0.5 + radius * Math.Cos(start);
        images[0, 0, 0, 1] = 0.5 + radius * Math.Sin(start);
        Tensor cosines(Tensor x)
        {
            Tensor z = x.flatten(1).narrow(1, 0, 2) - 0.5;
            return z / z.square().sum(1, true).sqrt();
        }

        using AnalyticDetector detector = new(x => -cosines(x).amax([1L])) { OutputFormula = cosines };
        (double nearest, double farthest) = ReachableAngles(norm, start, radius, epsilon);
        double clean = -Math.Cos(start);

        Ledger[] ledgers = AttackTrial.RunBothWays(AttackRecipe.Parse(recipe), detector, images, new(norm, epsilon));

        Assert.InRange(ledgers[0][0].Gain() / (-Math.Cos(farthest) - clean), share, 1 + 1e-6);
        Assert.InRange(ledgers[1][0].Gain() / (clean + Math.Cos(nearest)), share, 1 + 1e-6);
    }

    [Theory]
    [InlineData("pgd:steps=100", Norm.Linf)]
    [InlineData("pgd:steps=100", Norm.L2)]
    [InlineData("apgd:restarts=1", Norm.Linf)]
    [InlineData("apgd:restarts=1", Norm.L2)]
    [InlineData("autoattack:restarts=1,queries=10", Norm.Linf)]
    [InlineData("autoattack:restarts=1,queries=10", Norm.L2)]
    [InlineData("caa:effort=0.5", Norm.Linf)]
    [InlineData("caa:effort=0.5", Norm.L2)]
    [InlineData("a3:budget=400", Norm.Linf)]
    [InlineData("a3:budget=400", Norm.L2)]
    public void The_least_point_of_a_quadratic_is_found_inside_the_ball(string recipe, Norm norm)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = AttackTrial.Images(1, low: 0.4, high: 0.6);
        Tensor least = images + AttackTrial.Weights().sign() * 0.02;
        using AnalyticDetector detector = new(x => (x - least).flatten(1).square().sum(1));

        using Ledger ledger = AttackTrial.Run(AttackRecipe.Parse(recipe), detector, images, [true], new(norm, norm == Norm.Linf ? 0.05 : 0.3));

        Assert.InRange(ledger[0].WorstScore / ledger[0].CleanScore, 0, 0.05);
    }

    /// <summary>The smallest and largest angle that two pixels can be moved to.</summary>
    private static (double Nearest, double Farthest) ReachableAngles(Norm norm, double start, double radius, double epsilon)
    {
        if (norm == Norm.L2) return (start - Math.Asin(epsilon / radius), start + Math.Asin(epsilon / radius));
        double x = radius * Math.Cos(start), y = radius * Math.Sin(start);
        return (Math.Atan2(y - epsilon, x + epsilon), Math.Atan2(y + epsilon, x - epsilon));
    }

    private static TheoryData<string, Norm, double> Cases(params (string Recipe, double Linf, double L2)[] attacks)
    {
        TheoryData<string, Norm, double> cases = [];
        foreach ((string recipe, double linf, double l2) in attacks)
        {
            cases.Add(recipe, Norm.Linf, linf);
            cases.Add(recipe, Norm.L2, l2);
        }

        return cases;
    }
}
