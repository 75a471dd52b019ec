namespace CobraAD.Reporting.Charts;

/// <summary>AUROC with its interval under each condition, one row a condition, one mark a detector.</summary>
internal static class AttackChart
{
    private const double Width = 1040, Left = 190, Right = 1012, RowHeight = 40;

    public static Markup Draw(RobustnessReport report)
    {
        string[] names = [.. report.Detectors.SelectMany(detector => detector.Attacks).Select(attack => attack.Name).Distinct()];
        List<(string Name, Func<ReportDetector, ReportCondition?> Pick)> rows = [("Untouched", detector => detector.Clean)];
        foreach (string name in names) rows.Add((name, detector => detector.Attacks.FirstOrDefault(attack => attack.Name == name)));
        if (names.Length != 1) rows.Add((names.Length == 0 ? "Attacked" : "All attacks together", detector => detector.Union));

        double top = report.Detectors.Count < 2 ? 12 : 46;
        double bottom = top + rows.Count * RowHeight;
        Axis x = Axis.Shares(Left, Right, "AUROC (50% is chance)") with { Ticks = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1] };
        Markup content = Markup.Of(
            $"""{Svg.Detectors(0, 16, report.Detectors)}{Svg.Horizontal(x, top, bottom)}<line class="reference" x1="{x.At(0.5)}" y1="{top}" x2="{x.At(0.5)}" y2="{bottom}"/>{Markup.Join(rows, Row)}""");
        return Svg.Drawing(Width, bottom + 46, "AUROC under each attack", "The numbers are in the table that follows.", content);

        Markup Row((string Name, Func<ReportDetector, ReportCondition?> Pick) row, int index)
        {
            double middle = top + (index + 0.5) * RowHeight;
            bool rule = index == 0 || (index == rows.Count - 2 && names.Length > 1);
            bool strong = index == 0 || index == rows.Count - 1;
            return Markup.Of(
                $"""{ChartFont.Text("label", 14, Left - 14, middle + 5, row.Name, 1, strong)}{(rule ? Markup.Of($"""<line class="divider" x1="0" y1="{middle + RowHeight / 2}" x2="{Right}" y2="{middle + RowHeight / 2}"/>""") : Markup.Empty)}{Markup.Join(report.Detectors, (detector, series) => Interval(row.Pick(detector), series, middle + Offset(series)))}""");
        }

        double Offset(int series) => report.Detectors.Count == 1 ? 0 : (series - (report.Detectors.Count - 1) / 2.0) * Math.Min(13, 26.0 / report.Detectors.Count);

        Markup Interval(ReportCondition? condition, int series, double y) => condition is null
            ? Markup.Empty
            : Markup.Of($"""<line class="interval s{series % 4}" x1="{x.At(condition.Auroc.Low)}" y1="{y}" x2="{x.At(condition.Auroc.High)}" y2="{y}"/>{Svg.Mark(series, x.At(condition.Auroc.Value), y)}""");
    }
}
