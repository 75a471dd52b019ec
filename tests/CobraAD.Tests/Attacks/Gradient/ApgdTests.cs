using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using CobraAD.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.Gradient;

public sealed class ApgdTests
{
    [Fact]
    public void A_surrogate_of_the_same_features_costs_one_pass_a_step_and_finds_the_same()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights(), images = AttackTrial.Images(4, low: 0.3, high: 0.7);
        int encoded = 0;
        static Tensor Exact(Tensor feature) => (feature * 5).sin() + feature;
        static Tensor Smooth(Tensor feature) => feature.tanh();
        ScoreSurrogate shared = ScoreSurrogate.OfFeatures("smooth", Encode, Exact, Smooth), apart = new("smooth", x => Smooth(Encode(x)));
        using AnalyticDetector one = new(x => Exact(Encode(x))) { Surrogates = [shared] }, two = new(x => Exact(Encode(x))) { Surrogates = [apart] };
        Apgd attack = new() { Steps = 12, Restarts = 0, Surrogates = true };

        using Ledger once = AttackTrial.Run(attack, one, images, new bool[4], new(Norm.Linf, 0.1));
        int encodedOnce = encoded;
        using Ledger twice = AttackTrial.Run(attack, two, images, new bool[4], new(Norm.Linf, 0.1));

        Assert.Equal(twice.WorstScores, once.WorstScores);
        // The clean pass, twelve looks and the last point; the other takes one more pass for every look.
        Assert.Equal((1 + 12 + 1, 1 + 12 + 1 + 12), (encodedOnce, encoded - encodedOnce));
        Assert.Equal(4 * 13, once.ForwardPasses);
        Assert.Equal(4 * 25, twice.ForwardPasses);

        Tensor Encode(Tensor x)
        {
            encoded++;
            return (x * weights).flatten(1).sum(1);
        }
    }

    [Fact]
    public void Every_run_costs_its_steps_in_gradients_and_surrogates_and_targets_add_runs()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        Tensor score(Tensor x) => (x * weights).flatten(1).sum(1);
        using AnalyticDetector detector = new(score)
        {
            Surrogates = [new("tanh", x => score(x).tanh())],
            OutputFormula = x => stack([score(x), -score(x), score(x) * 2], 1),
        };

        long plain = Gradients(new Apgd { Steps = 10, Restarts = 2 });
        long surrogates = Gradients(new Apgd { Steps = 10, Restarts = 2, Surrogates = true });
        long targets = Gradients(new Apgd { Steps = 10, Restarts = 2, Targets = 2 });

        Assert.Equal(2 * 10, plain);
        Assert.Equal(plain + 10, surrogates);
        // Besides its steps a target costs one look at which way its output helps, and all of them one gradient of the score.
        Assert.Equal(plain + 2 * (10 + 1) + 1, targets);

        long Gradients(Apgd attack)
        {
            using Ledger ledger = AttackTrial.Run(attack, detector, AttackTrial.Images(1), [false], new(Norm.Linf, 0.1));
            return ledger[0].BackwardPasses;
        }
    }

    [Fact]
    public void A_stand_in_only_steers_and_the_score_itself_is_recorded()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        Tensor score(Tensor x) => (x * weights).flatten(1).sum(1);
        using AnalyticDetector detector = new(score) { Surrogates = [new("scaled", x => score(x) * 1000)] };
        Tensor images = AttackTrial.Images(3, low: 0.3, high: 0.7);

        using Ledger ledger = AttackTrial.Run(new Apgd { Steps = 20, Restarts = 0, Surrogates = true }, detector, images, new bool[3], new(Norm.Linf, 0.1));

        double best = 0.1 * weights.abs().sum().item<double>();
        Assert.All(Enumerable.Range(0, 3), i => Assert.InRange(ledger[i].Gain(), 0.999 * best, best * (1 + 1e-6)));
    }
}
