using CobraAD.Cli.Terminal.Boards;
using CobraAD.Evaluation.Audit;

namespace CobraAD.Cli.Terminal.Displays;

/// <summary>Shows which check of an audit is under way, and the attack that runs for it.</summary>
internal sealed class AuditDisplay(IProgressBoard board) : IProgress<AuditProgress>
{
    private IProgressPart? part;

    public void Report(AuditProgress value)
    {
        part ??= board.Add("audit", value.Checks);
        string attack = value.Total > 0 ? $", {value.Attack} {value.Done} of {value.Total} images" : "";
        part.Report(value.Check - 1, $"check {value.Check}, {value.Name}{attack}");
    }
}
