using System.Globalization;
using CobraAD.Evaluation.Corruptions;
using Spectre.Console;

namespace CobraAD.Cli.Terminal.Tables;

/// <summary>A corruption benchmark as a table: AUROC at each severity, errors at the threshold on average.</summary>
internal static class CorruptionTable
{
    /// <summary>The table of one detector.</summary>
    public static Table Of(CorruptionResult result)
    {
        int[] severities = [.. result.Outcomes.Select(outcome => outcome.Severity).Distinct().Order()];
        Table table = new Table().Border(TableBorder.Simple).AddColumn("AUROC at severity").AddColumns([.. severities.Select(severity => $"{severity}"), "false alarms", "misses"]);
        foreach (TableColumn column in table.Columns.Skip(1)) column.RightAligned();
        table.AddRow(["untouched", .. severities.Select(_ => Share(result.Clean.Auroc)), Share(result.Clean.FalseAlarmRate), Share(result.Clean.EscapeRate)]);
        foreach (IGrouping<string, CorruptionOutcome> corruption in result.Outcomes.GroupBy(outcome => outcome.Name))
        {
            table.AddRow(
            [
                Markup.Escape(corruption.Key), .. corruption.OrderBy(outcome => outcome.Severity).Select(outcome => Share(outcome.Auroc)),
                Share(corruption.Average(outcome => outcome.FalseAlarmRate)), Share(corruption.Average(outcome => outcome.EscapeRate)),
            ]);
        }

        return table;
    }

    private static string Share(double? share) => share is { } value ? value.ToString("0.000", CultureInfo.InvariantCulture) : "";
}
