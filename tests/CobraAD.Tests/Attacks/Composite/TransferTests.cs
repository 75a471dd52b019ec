using CobraAD.Attacks;
using CobraAD.Attacks.Composite;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using CobraAD.Tests.Evaluation.Audit;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.Composite;

public sealed class TransferTests
{
    [Fact]
    public void A_detector_without_gradients_is_attacked_through_another_one()
    {
        using IDisposable scope = NewDisposeScope();
        using AnalyticDetector source = AuditSubject.HonestDetector(), target = AuditSubject.Detached();
        ThreatModel threat = new(Norm.Linf, 0.02);

        using Ledger transferred = AttackTrial.Run(new Transfer(source, [new Pgd { Steps = 10 }]), target, AuditSubject.Images(), AuditSubject.Labels, threat);
        using Ledger direct = AttackTrial.Run(new Pgd { Steps = 10 }, source, AuditSubject.Images(), AuditSubject.Labels, threat);

        Assert.Equal(direct.WorstScores, transferred.WorstScores);
        Assert.Equal("transfer/pgd", transferred[0].FoundBy);
        Assert.Equal(0, transferred.BackwardPasses);
    }
}
