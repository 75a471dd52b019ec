using System.Globalization;
using CobraAD.Evaluation.Audit;
using CobraAD.Evaluation.Certification;
using CobraAD.Evaluation.Corruptions;
using CobraAD.Evaluation.Robustness;

namespace CobraAD;

/// <summary>Where a <see cref="RobustnessStudy"/> stands: one of its four parts says how far it is.</summary>
/// <param name="Attack">The attacks of the evaluation, while they run.</param>
/// <param name="Corruption">The corruptions, while they are measured.</param>
/// <param name="Audit">The audit, while it runs.</param>
/// <param name="Certification">The certification, while it runs.</param>
public readonly record struct StudyProgress(RobustnessProgress? Attack = null, CorruptionProgress? Corruption = null, AuditProgress? Audit = null, CertificationProgress? Certification = null)
{
    /// <summary>One line for people, e.g. "pgd: 64 of 400 images".</summary>
    public override string ToString() => (Attack, Corruption, Audit, Certification) switch
    {
        ({ } attack, _, _, _) => Invariant($"{attack.Name}: {attack.Done} of {attack.Total} images"),
        (_, { } corruption, _, _) => Invariant($"corruptions: {corruption.Done} of {corruption.Total}"),
        (_, _, { } audit, _) => Invariant($"audit: check {audit.Check} of {audit.Checks}, {audit.Name}"),
        (_, _, _, { } certified) => Invariant($"certificate: {certified.Done} of {certified.Total} images"),
        _ => "",
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
