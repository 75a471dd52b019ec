using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.Gradient;

public sealed class MiFgsmTests
{
    [Fact]
    public void Without_memory_of_earlier_gradients_it_is_pgd_with_steps_of_its_own_length()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        using AnalyticDetector detector = new(x => ((x * weights).flatten(1).sum(1) * 5).sin());
        Tensor images = AttackTrial.Images(4);

        using Ledger plain = AttackTrial.Run(new MiFgsm { Steps = 6, Decay = 0 }, detector, images, new bool[4], new(Norm.Linf, 0.1));
        using Ledger pgd = AttackTrial.Run(
            new Pgd { Steps = 6, Schedule = StepSchedule.Constant, Factor = 1, IncludeFgsm = false }, detector, images, new bool[4], new(Norm.Linf, 0.1));

        Assert.Equal(pgd.WorstScores, plain.WorstScores);
    }

    [Fact]
    public void Its_momentum_crosses_a_bump_that_stops_a_plain_step()
    {
        using DisposeScope scope = NewDisposeScope();
        // Rising in the mean of the pixels but for a dent that is wider than one step.
        using AnalyticDetector detector = new(x =>
        {
            Tensor mean = x.flatten(1).mean([1L]);
            return mean - 0.06 * (-(mean - 0.545).square() / (2 * 0.006 * 0.006)).exp();
        });
        Tensor images = full([1, 3, 2, 2], 0.5, ScalarType.Float64);
        ThreatModel threat = new(Norm.Linf, 0.1);

        using Ledger plain = AttackTrial.Run(new MiFgsm { Steps = 50, Decay = 0 }, detector, images, [false], threat);
        using Ledger remembering = AttackTrial.Run(new MiFgsm { Steps = 50 }, detector, images, [false], threat);

        Assert.True(plain[0].WorstScore < 0.56, $"{plain[0]}");
        Assert.Equal(0.6, remembering[0].WorstScore, 1e-3);
    }
}
