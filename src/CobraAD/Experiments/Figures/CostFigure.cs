namespace CobraAD.Experiments.Figures;

/// <summary>Figure 5: minutes of training against AUROC under PGD, one point a training.</summary>
internal static class CostFigure
{
    private const double Left = 70, Top = 50, Width = 560, Height = 320;

    public static string Draw(ReproductionReport report)
    {
        var points = report.Rows.GroupBy(row => (row.Row, row.Column))
            .Select(group => (Name: $"{group.Key.Row}, {group.Key.Column}", Minutes: group.Single(row => row.Quantity.StartsWith("minutes", StringComparison.Ordinal)).Ours, Auroc: group.First().Ours))
            .Where(point => point is { Minutes: not null, Auroc: not null }).ToArray();
        double longest = Math.Max(points.Length == 0 ? 1 : points.Max(point => point.Minutes!.Value), 1e-6);
        Drawing drawing = new(Left + Width + 240, Top + Height + 60, report.Title);
        drawing.Frame(Left, Top, Left + Width, Top + Height, "minutes of training (this machine)", "AUROC under PGD, %", (0, longest), (0, 100));
        for (int i = 0; i < points.Length; i++)
        {
            double x = Left + Width * points[i].Minutes!.Value / longest, y = Top + Height * (1 - points[i].Auroc!.Value / 100);
            drawing.Circle(x, y, 5, Drawing.Palette[i % Drawing.Palette.Length]);
            drawing.Text(x + 9, y + 4, points[i].Name, 12);
        }

        return drawing.ToString();
    }
}
