using CobraAD.Attacks;
using CobraAD.Evaluation.Audit;
using CobraAD.Evaluation.Audit.Checks;
using CobraAD.Tests.Attacks;
using static TorchSharp.torch;

namespace CobraAD.Tests.Evaluation.Audit.Checks;

public sealed class GradientCorrectnessTests
{
    [Fact]
    public void A_gradient_is_not_accused_where_rounding_hides_the_differences()
    {
        // On a thousand float32 has steps of 6e-5: the smaller the score's own part, the less of it is left.
        AuditStatus[] found = [.. ((double[])[30, 1, 0.1, 0.01, 0.006, 0.004, 0.003, 0.002]).Select(scale => Check(images => (AuditSubject.Honest(images) * scale + 1000).to(ScalarType.Float32)).Status)];

        Assert.Equal(AuditStatus.Pass, found[0]);
        Assert.Contains(AuditStatus.Skipped, found);
        Assert.DoesNotContain(AuditStatus.Flag, found.TakeWhile(status => status != AuditStatus.Skipped));
    }

    [Fact]
    public void A_wrong_gradient_is_accused_in_float32_too()
    {
        AuditFinding found = Check(images => (AuditSubject.Honest(images) + AuditSubject.Honest(images, seed: 6).detach() * 0.7).to(ScalarType.Float32));

        Assert.Equal(AuditStatus.Flag, found.Status);
    }

    private static AuditFinding Check(Func<Tensor, Tensor> score)
    {
        using AnalyticDetector detector = new(score);
        using Tensor images = AuditSubject.Images();
        using AuditContext audit = new(
            detector, new ThreatModel(Norm.Linf, 4 / 255.0), new AuditOptions { Budget = Budget.Smoke }, images, AuditSubject.Labels, training: null, _ => { }, CancellationToken.None);
        return new GradientCorrectness().Run(audit);
    }
}
