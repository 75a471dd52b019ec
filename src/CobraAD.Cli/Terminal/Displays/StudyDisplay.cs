using CobraAD.Cli.Terminal.Boards;

namespace CobraAD.Cli.Terminal.Displays;

/// <summary>Shows the parts of a study: its attacks, the corruptions, the audit and the certificate.</summary>
/// <param name="board">Where.</param>
/// <param name="subject">What is attacked, when a command attacks several; may be empty.</param>
internal sealed class StudyDisplay(IProgressBoard board, string subject = "") : IProgress<StudyProgress>
{
    private readonly AttackDisplay attacks = new(board, subject);
    private readonly CorruptionDisplay corruptions = new(board);
    private readonly AuditDisplay audit = new(board);
    private readonly CertificationDisplay certification = new(board);

    public void Report(StudyProgress value)
    {
        if (value.Attack is { } attack) attacks.Report(attack);
        if (value.Corruption is { } corruption) corruptions.Report(corruption);
        if (value.Audit is { } check) audit.Report(check);
        if (value.Certification is { } certified) certification.Report(certified);
    }
}
