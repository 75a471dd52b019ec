using CobraAD.Evaluation.Audit;
using Spectre.Console;

namespace CobraAD.Cli.Terminal.Tables;

/// <summary>An audit as a table, one row a check, and what it comes to.</summary>
internal static class AuditTable
{
    /// <summary>The table of one detector.</summary>
    public static Table Of(AuditResult result)
    {
        Table table = new Table().Border(TableBorder.Simple).ShowRowSeparators().AddColumns("", "check", "", "measured", "meaning");
        foreach (AuditCheck check in result.Checks)
        {
            string color = check.Status switch { AuditStatus.Pass => "green", AuditStatus.Flag => "red", AuditStatus.Undecided => "yellow", _ => "grey" };
            table.AddRow(
                $"{check.Number}", $"{Markup.Escape(check.Name)}\n[grey]{Markup.Escape(check.Criterion)}[/]", $"[{color}]{check.Status.ToString().ToUpperInvariant()}[/]",
                Markup.Escape(check.Measured), Markup.Escape(check.Meaning));
        }

        return table;
    }

    /// <summary>Which checks are flagged.</summary>
    public static string Verdict(AuditResult result)
    {
        int flagged = result.Flagged.Count(), undecided = result.Checks.Count(check => check.Status == AuditStatus.Undecided), skipped = result.Checks.Count(check => check.Status == AuditStatus.Skipped);
        if (flagged == 0 && undecided > 0) return $"No check is flagged, and {undecided} undecided on these images ({skipped} skipped): take more images or a larger budget.";
        return flagged == 0
            ? $"No check is flagged ({skipped} skipped): nothing found that speaks against the attacked numbers."
            : $"Flagged: {string.Join(", ", result.Flagged.Select(check => check.Number))} ({skipped} skipped). Read them before quoting attacked numbers.";
    }

    /// <summary>The audit for machines.</summary>
    public static object Figures(AuditResult result) => new
    {
        Budget = result.Budget.ToString().ToLowerInvariant(),
        result.Normals,
        result.Anomalies,
        result.CleanAuroc,
        result.WorstAuroc,
        result.Checks,
        Seconds = result.Duration.TotalSeconds,
    };
}
