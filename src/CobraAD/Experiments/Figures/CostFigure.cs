namespace CobraAD.Experiments.Figures;

/// <summary>Figure 5: minutes of training against AUROC under attack, one point a training: a colour for each data set, pale for clean training.</summary>
internal static class CostFigure
{
    private const double Left = 70, Top = 50, Width = 560, Height = 320;

    public static string Draw(ReproductionReport report)
    {
        var points = report.Rows.GroupBy(row => (row.Row, row.Column))
            .Select(group => (group.Key.Row, group.Key.Column, Minutes: group.Single(row => row.Quantity.StartsWith("minutes", StringComparison.Ordinal)).Ours, Auroc: group.First().Ours))
            .Where(point => point is { Minutes: not null, Auroc: not null }).ToArray();
        double longest = Math.Max(points.Length == 0 ? 1 : points.Max(point => point.Minutes!.Value), 1e-6);
        string[] sets = [.. points.Select(point => point.Row).Distinct()];
        string[] columns = [.. points.Select(point => point.Column).Distinct()];
        Drawing drawing = new(Left + Width + 260, Top + Height + 60, report.Title);
        drawing.Frame(Left, Top, Left + Width, Top + Height, "minutes of training (this machine)", "AUROC under PGD and APGD, %", (0, longest), (0, 100));
        foreach (var point in points)
        {
            double x = Left + Width * point.Minutes!.Value / longest, y = Top + Height * (1 - point.Auroc!.Value / 100);
            drawing.Circle(x, y, 6, Color(point.Row), Opacity(point.Column));
        }

        // Names beside the points would lie on each other where trainings cost or achieve the same.
        double legend = Left + Width + 40;
        drawing.Legend(legend, Top, sets.Select(set => (Color(set), set)));
        for (int i = 0; i < columns.Length; i++)
        {
            double y = Top + 22 * (sets.Length + 1 + i);
            drawing.Circle(legend + 7, y + 7, 6, "#1b1f24", Opacity(columns[i]));
            drawing.Text(legend + 21, y + 12, columns[i]);
        }

        return drawing.ToString();

        string Color(string set) => Drawing.Palette[Array.IndexOf(sets, set) % Drawing.Palette.Length];

        double Opacity(string column) => Array.IndexOf(columns, column) == 0 ? 1 : 0.35;
    }
}
