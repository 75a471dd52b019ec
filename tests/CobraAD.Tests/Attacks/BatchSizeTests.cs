using CobraAD.Attacks;
using CobraAD.Attacks.Records;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks;

public sealed class BatchSizeTests
{
    public static TheoryData<string, Norm> All()
    {
        TheoryData<string, Norm> cases = [];
        foreach (Norm norm in Enum.GetValues<Norm>())
        {
            foreach (string recipe in new[]
            {
                "fgsm", "pgd:steps=8,restarts=3", "mi-fgsm:steps=5,restarts=2", "apgd:steps=12,restarts=2,surrogates=true,targets=2", "fab:steps=6,restarts=2",
                "square:queries=80,restarts=2", "simba", "simba:basis=dct,queries=40", "autoattack:steps=6,restarts=1,queries=20", "caa:effort=0.03", "a3:budget=100",
            }) cases.Add(recipe, norm);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_result_of_every_attack_is_the_same_for_any_batch_size(string recipe, Norm norm)
    {
        using DisposeScope scope = NewDisposeScope();
        Attack attack = AttackRecipe.Parse(recipe);
        Tensor images = AttackTrial.Images(7);
        bool[] labels = AttackTrial.Alternating(7);
        Tensor weights = AttackTrial.Weights();
        Tensor features(Tensor x) => stack([(x * weights).flatten(1).sum(1), x.flatten(1).mean([1L]) * 5, x.select(1, 2).flatten(1).square().sum(1)], 1);
        using AnalyticDetector detector = new(x => features(x).sin().sum(1))
        {
            OutputFormula = features,
            Surrogates = [new("linear", x => features(x).sum(1))],
        };

        using Ledger one = AttackTrial.Run(attack, detector, images, labels, new(norm, 0.05), batchSize: 1);
        using Ledger three = AttackTrial.Run(attack, detector, images, labels, new(norm, 0.05), batchSize: 3);
        using Ledger all = AttackTrial.Run(attack, detector, images, labels, new(norm, 0.05), batchSize: 64);

        for (int i = 0; i < 7; i++)
        {
            Assert.Equal(all[i].WorstScore, one[i].WorstScore, 1e-6);
            Assert.Equal(all[i].WorstScore, three[i].WorstScore, 1e-6);
            Assert.Equal(all[i].ForwardPasses, one[i].ForwardPasses);
            Assert.Equal(all[i].FoundBy, three[i].FoundBy);
        }
    }
}
