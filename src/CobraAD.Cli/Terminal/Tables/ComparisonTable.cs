using System.Globalization;
using CobraAD.Reporting;
using Spectre.Console;

namespace CobraAD.Cli.Terminal.Tables;

/// <summary>Several methods on the same images under the same attack, and which of them to choose for what.</summary>
internal static class ComparisonTable
{
    /// <summary>One row of the comparison.</summary>
    /// <param name="Method">The method as the command line names it.</param>
    /// <param name="Detector">What was measured; <see langword="null"/> when its share of the time was too short.</param>
    /// <param name="TrainingSeconds">How long its training took.</param>
    /// <param name="Milliseconds">Time of one image by itself.</param>
    /// <param name="Remark">Why there are no numbers.</param>
    internal sealed record Row(string Method, ReportDetector? Detector, double TrainingSeconds, double Milliseconds, string Remark = "");

    /// <summary>The table.</summary>
    public static Table Of(IReadOnlyList<Row> rows)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("method", "clean AUROC", "attacked AUROC", "training", "one image");
        foreach (TableColumn column in table.Columns.Skip(1)) column.RightAligned();
        foreach (Row row in rows)
        {
            if (row.Detector is not { } measured) table.AddRow(Markup.Escape(row.Method), Markup.Escape(row.Remark), "", "", "");
            else table.AddRow(Markup.Escape(row.Method), Share(measured.Clean.Auroc), Share(measured.Union.Auroc), Number($"{row.TrainingSeconds:0} s"), Number($"{row.Milliseconds:0} ms"));
        }

        return table;
    }

    /// <summary>Which method to choose: a sentence for accuracy, one for robustness, one for speed.</summary>
    public static IEnumerable<string> Advice(IReadOnlyList<Row> rows)
    {
        Row[] measured = [.. rows.Where(row => row.Detector is not null)];
        if (measured.Length == 0) yield break;
        Row accurate = measured.MaxBy(row => row.Detector!.Clean.Auroc.Value)!, robust = measured.MaxBy(row => row.Detector!.Union.Auroc.Value)!, fast = measured.MinBy(row => row.Milliseconds)!;
        yield return Number($"for accuracy: {accurate.Method}, AUROC {accurate.Detector!.Clean.Auroc.Value:0.000} on untouched images");
        yield return Number($"for robustness: {robust.Method}, AUROC {robust.Detector!.Union.Auroc.Value:0.000} under the attack");
        yield return Number($"for speed: {fast.Method}, {fast.Milliseconds:0} ms an image");
    }

    private static string Share(ReportMetric metric) => Markup.Escape(Number($"{metric.Value:0.000} [{metric.Low:0.000}, {metric.High:0.000}]"));

    private static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
