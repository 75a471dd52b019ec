using CobraAD.Experiments.Cells;

namespace CobraAD.Experiments.Figures;

/// <summary>Figure 4: loss and AUROC after every epoch, clean and under attack; both losses on one scale, from the lowest to the highest as 0 to 1.</summary>
internal static class EpochFigure
{
    private const double Left = 60, Width = 420, Height = 240, Top = 60;

    public static string Draw(IReadOnlyList<CellResult> results)
    {
        double panel = Height + 110;
        Drawing drawing = new(2 * (Left + Width) + 80, results.Count * panel + 60, "Loss and AUROC by epoch");
        for (int i = 0; i < results.Count; i++)
        {
            double top = Top + i * panel, bottom = top + Height;
            double[] cleanLoss = Series(results[i], ".clean.loss"), attackedLoss = Series(results[i], ".pgd.loss");
            double[] clean = Series(results[i], ".clean.auroc"), attacked = Series(results[i], ".union.auroc");
            double lowest = cleanLoss.Concat(attackedLoss).Min(), span = Math.Max(cleanLoss.Concat(attackedLoss).Max() - lowest, 1e-12), right = Left + Width, second = right + 80;
            drawing.Text(Left, top - 34, $"{results[i].Cell}, {clean.Length} {(clean.Length == 1 ? "epoch" : "epochs")}", 14);
            drawing.Frame(Left, top, right, bottom, "epoch", "loss of a training batch, scaled to 0–1", (1, clean.Length), (0, 1));
            Plot(drawing, [.. cleanLoss.Select(value => (value - lowest) / span)], Left, bottom, Drawing.Palette[0]);
            Plot(drawing, [.. attackedLoss.Select(value => (value - lowest) / span)], Left, bottom, Drawing.Palette[1]);
            drawing.Frame(second, top, second + Width, bottom, "epoch", "AUROC", (1, clean.Length), (0, 1));
            Plot(drawing, clean, second, bottom, Drawing.Palette[0]);
            Plot(drawing, attacked, second, bottom, Drawing.Palette[1]);
            drawing.Legend(second + Width - 110, top + 6, [(Drawing.Palette[0], "clean"), (Drawing.Palette[1], "under attack")]);
        }

        return drawing.ToString();
    }

    private static double[] Series(CellResult result, string suffix) =>
        [.. result.Values.Where(pair => pair.Key.EndsWith(suffix, StringComparison.Ordinal)).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value.Value)];

    /// <summary>A line through the epochs with a dot at each, so that a single epoch is seen as well.</summary>
    private static void Plot(Drawing drawing, double[] values, double left, double bottom, string color)
    {
        (double X, double Y)[] points = [.. values.Select((value, i) => (left + Width * (values.Length == 1 ? 0.5 : i / (values.Length - 1.0)), bottom - Height * value))];
        drawing.Curve(points, color);
        foreach ((double x, double y) in points) drawing.Circle(x, y, 3, color);
    }
}
