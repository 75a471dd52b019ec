using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Evaluation.Audit;
using CobraAD.Evaluation.Robustness;
using CobraAD.Reporting;
using CobraAD.Reporting.Rendering;
using CobraAD.Tests.Attacks;
using CobraAD.Tests.Evaluation.Audit;
using static TorchSharp.torch;

namespace CobraAD.Tests.Reporting;

public sealed class AuditReportTests
{
    [Fact]
    public void An_audit_and_a_curve_appear_in_the_report()
    {
        using IDisposable scope = NewDisposeScope();
        using AnalyticDetector detector = AuditSubject.Detached(), honest = new(images => AuditSubject.Honest(images)) { Threshold = 1.2 };
        using AuditResult audit = AuditSubject.Audit(detector);
        IReadOnlyList<RobustnessResult> results = new SecurityCurveEvaluator(honest, Norm.Linf, [0, 0.02, 0.04], [new Fgsm()], new() { BootstrapReplicates = 100 })
            .Evaluate(new EvaluationSet(AuditSubject.Images(), AuditSubject.Labels));
        SecurityCurve curve = SecurityCurve.From(results, honest);

        RobustnessReport sample = SampleReport.Create();
        ReportDetector filled = sample.Detectors[0].With(audit) with { SecurityCurve = ReportSecurityPoint.From(curve) };
        string page = HtmlReport.Render(sample with { Detectors = [filled] });

        Assert.Equal(audit.Checks.Select(check => (check.Number, check.Measured)), filled.Audit.Select(check => (check.Number, check.Measured)));
        Assert.Equal(AuditStatus.Flag, filled.Audit[10].Status);
        Assert.Equal([0, 0.02, 0.04], filled.SecurityCurve.Select(point => point.Epsilon));
        Assert.Equal(curve.Points[1].Worst.Metrics.Auroc, filled.SecurityCurve[1].Auroc.Value);
        Assert.NotNull(filled.SecurityCurve[1].EscapeRate);
        Assert.Contains("the score is not connected to the image", page, StringComparison.Ordinal);
        Assert.Contains("The smoke audit took 12 normal and 12 anomalous images", page, StringComparison.Ordinal);
        Assert.All(ReportInvariant.Check(filled), invariant => Assert.True(invariant.Holds));
    }
}
