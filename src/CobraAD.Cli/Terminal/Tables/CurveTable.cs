using System.Globalization;
using CobraAD.Attacks;
using CobraAD.Evaluation.Robustness;
using Spectre.Console;

namespace CobraAD.Cli.Terminal.Tables;

/// <summary>A security curve as a table, and where verdicts flip.</summary>
internal static class CurveTable
{
    /// <summary>The table of one detector.</summary>
    public static Table Of(SecurityCurve curve)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("radius", "AUROC", "false alarms", "misses");
        foreach (TableColumn column in table.Columns.Skip(1)) column.RightAligned();
        foreach (SecurityCurvePoint point in curve.Points)
        {
            table.AddRow(
                Radius(curve, point.Radius), Number(point.Worst.Metrics.Auroc), Number(point.Worst.AtThreshold?.FalseAlarmRate), Number(point.Worst.AtThreshold?.EscapeRate));
        }

        return table;
    }

    /// <summary>One sentence for each class; none when the detector has no threshold.</summary>
    public static IEnumerable<string> Flips(SecurityCurve curve)
    {
        foreach (bool anomalous in (bool[])[false, true])
        {
            if (curve.Flips(anomalous) is not { } flips) continue;
            string median = flips.Median is { } radius ? $", the median one at {Radius(curve, radius)}" : "";
            yield return $"{(anomalous ? "escapes" : "false alarms")}: {flips.Flipped} of {flips.Correct} correct {(anomalous ? "anomalous" : "normal")} images flip{median}";
        }
    }

    private static string Radius(SecurityCurve curve, double radius) => curve.Norm == Norm.Linf
        ? string.Create(CultureInfo.InvariantCulture, $"{255 * radius:0.##}/255")
        : radius.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Number(double? share) => share is { } value ? value.ToString("0.000", CultureInfo.InvariantCulture) : "";
}
