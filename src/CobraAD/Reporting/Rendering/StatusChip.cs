using CobraAD.Evaluation.Audit;

namespace CobraAD.Reporting.Rendering;

/// <summary>What became of a check, as a coloured word.</summary>
internal static class StatusChip
{
    public static Markup Of(AuditStatus status) => status switch
    {
        AuditStatus.Pass => new Markup("""<span class="chip pass">PASS</span>"""),
        AuditStatus.Flag => new Markup("""<span class="chip flag">FLAG</span>"""),
        AuditStatus.Undecided => new Markup("""<span class="chip skipped">UNDECIDED</span>"""),
        _ => new Markup("""<span class="chip skipped">SKIPPED</span>"""),
    };
}
