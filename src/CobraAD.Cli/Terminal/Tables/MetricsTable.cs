using System.Globalization;
using CobraAD.Cli.Values;
using CobraAD.Evaluation.Metrics;
using CobraAD.Evaluation.Robustness;
using Spectre.Console;

namespace CobraAD.Cli.Terminal.Tables;

/// <summary>A robustness result as a table: untouched images, each attack, all attacks together.</summary>
internal static class MetricsTable
{
    /// <summary>The table of one detector.</summary>
    public static Table Of(RobustnessResult result)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("images", "AUROC", "AUPR", "FPR95", "time");
        foreach (TableColumn column in table.Columns.Skip(1)) column.RightAligned();
        AddRow(table, "clean", result.Clean, null);
        // Two attacks of one kind differ in their options.
        foreach (AttackOutcome attack in result.Attacks)
            AddRow(table, result.Attacks.Count(other => other.Name == attack.Name) > 1 ? attack.QualifiedName.Replace(attack.Name, attack.Recipe, StringComparison.Ordinal) : attack.QualifiedName, attack.Worst, attack.Duration);
        if (result.Attacks.Count > 1) AddRow(table, "all attacks", result.Union, null);
        return table;
    }

    private static void AddRow(Table table, string name, ScoredImages images, TimeSpan? duration) => table.AddRow(
        Markup.Escape(name),
        Share(images.Metrics.Auroc, images.Intervals.Auroc),
        Share(images.Metrics.AveragePrecision, images.Intervals.AveragePrecision),
        Share(images.Metrics.Fpr95, images.Intervals.Fpr95),
        duration is { } time ? Duration.OnAClock(time) : "");

    private static string Share(double value, ConfidenceInterval interval) =>
        Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"{value:0.000} [{interval.Low:0.000}, {interval.High:0.000}]"));
}
