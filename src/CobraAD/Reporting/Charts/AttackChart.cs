using CobraAD.Reporting.Rendering;

namespace CobraAD.Reporting.Charts;

/// <summary>
/// AUROC with its interval under each condition, one row a condition, one mark a detector. Attacks of one name are told apart by the
/// options in which they differ.
/// </summary>
internal static class AttackChart
{
    private const double Width = 1040, Left = 190, Right = 1012, RowHeight = 40, NoteSize = 11;

    public static Markup Draw(RobustnessReport report)
    {
        ReportCondition[] attacks = [.. report.Detectors.SelectMany(detector => detector.Attacks).DistinctBy(attack => (attack.Name, attack.Recipe))];
        List<(string Name, string Note, Func<ReportDetector, ReportCondition?> Pick)> rows = [("Untouched", "", detector => detector.Clean)];
        foreach (ReportCondition attack in attacks)
            rows.Add((attack.Name, Distinction(attack, attacks), detector => detector.Attacks.FirstOrDefault(one => (one.Name, one.Recipe) == (attack.Name, attack.Recipe))));
        if (attacks.Length != 1) rows.Add((attacks.Length == 0 ? "Attacked" : "All attacks together", "", detector => detector.Union));

        double top = report.Detectors.Count < 2 ? 12 : 46;
        double bottom = top + rows.Count * RowHeight;
        double left = Math.Max(Left, rows.Max(row => ChartFont.Width(row.Note, NoteSize)) + 18);
        Axis x = Axis.Shares(left, Right, "AUROC (50% is chance)") with { Ticks = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1] };
        Markup content = Markup.Of(
            $"""{Svg.Detectors(0, 16, report.Detectors)}{Svg.Horizontal(x, top, bottom)}<line class="reference" x1="{x.At(0.5)}" y1="{top}" x2="{x.At(0.5)}" y2="{bottom}"/>{Markup.Join(rows, Row)}""");
        return Svg.Drawing(Width, bottom + 46, "AUROC under each attack", "The numbers are in the table that follows.", content);

        Markup Row((string Name, string Note, Func<ReportDetector, ReportCondition?> Pick) row, int index)
        {
            double middle = top + (index + 0.5) * RowHeight;
            bool rule = index == 0 || (index == rows.Count - 2 && attacks.Length > 1);
            bool strong = index == 0 || index == rows.Count - 1;
            Markup label = row.Note.Length == 0
                ? ChartFont.Text("label", 14, left - 14, middle + 5, row.Name, 1, strong)
                : Markup.Join([ChartFont.Text("label", 14, left - 14, middle - 1, row.Name, 1, strong), ChartFont.Text("note", NoteSize, left - 14, middle + 13, row.Note, 1)]);
            return Markup.Of(
                $"""{label}{(rule ? Markup.Of($"""<line class="divider" x1="0" y1="{middle + RowHeight / 2}" x2="{Right}" y2="{middle + RowHeight / 2}"/>""") : Markup.Empty)}{Markup.Join(report.Detectors, (detector, series) => Interval(row.Pick(detector), series, middle + Offset(series)))}""");
        }

        double Offset(int series) => report.Detectors.Count == 1 ? 0 : (series - (report.Detectors.Count - 1) / 2.0) * Math.Min(13, 26.0 / report.Detectors.Count);

        Markup Interval(ReportCondition? condition, int series, double y) => condition is null
            ? Markup.Empty
            : Markup.Of($"""<line class="interval s{series % 4}" x1="{x.At(condition.Auroc.Low)}" y1="{y}" x2="{x.At(condition.Auroc.High)}" y2="{y}"/>{Svg.Mark(series, x.At(condition.Auroc.Value), y)}""");
    }

    /// <summary>The options of a recipe whose values other attacks of its name do not share; empty when the name is enough.</summary>
    private static string Distinction(ReportCondition attack, IReadOnlyList<ReportCondition> all)
    {
        string[][] namesakes = [.. all.Where(one => one.Name == attack.Name).Select(one => Options(one.Recipe))];
        return namesakes.Length == 1 ? "" : string.Join(", ", Options(attack.Recipe).Where(option => !namesakes.All(other => other.Contains(option))));

        static string[] Options(string recipe) => recipe.Split(':', 2) is [_, string options] ? options.Split(',') : [];
    }
}
