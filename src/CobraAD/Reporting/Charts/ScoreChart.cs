using System.Globalization;
using CobraAD.Reporting.Rendering;

namespace CobraAD.Reporting.Charts;

/// <summary>Score histograms of one detector, before the attack above and after it below, on one axis.</summary>
internal static class ScoreChart
{
    private const double Width = 500, Height = 452, Left = 62, Right = 484, PanelHeight = 140;
    private static readonly (string Name, double Top)[] Panels = [("Before the attack", 90), ("After the attack", 262)];

    public static Markup Draw(ReportDetector detector)
    {
        ScoreHistogram scores = detector.Scores!;
        int tallest = Math.Max(1, new[] { scores.CleanNormal, scores.CleanAnomalous, scores.AttackedNormal, scores.AttackedAnomalous }.Max(counts => counts.Max()));
        Axis x = new(scores.Low, scores.High, Left, Right, "Anomaly score");
        if (scores is { Unit: { } unit }) x = x with { Label = "Score above or below the middle good image, logarithmic", Format = position => Distance(position, unit) };
        Markup content = Markup.Of(
            $"""
            {ChartFont.Text("panel", 15, 0, 15, detector.Name, strong: true)}
            {Svg.Legend(0, 42, [(Svg.AreaSign("bars normal"), "Normal"), (Svg.AreaSign("bars anomalous"), "Anomalous"), .. Marked() ? [(Svg.LineSign("threshold"), "Threshold")] : Array.Empty<(Markup, string)>()])}
            {Panel(0, scores.CleanNormal, scores.CleanAnomalous)}{Panel(1, scores.AttackedNormal, scores.AttackedAnomalous)}{ChartFont.Text("axis", 13, 14, (Panels[0].Top + Panels[1].Top + PanelHeight) / 2, "Images", 0.5, rotation: -90)}{Threshold()}
            """);
        string description = $"Histograms of normal and anomalous images; their AUROC is {ReportNumbers.Percent(detector.Clean.Auroc.Value)} before and {ReportNumbers.Percent(detector.Union.Auroc.Value)} after.";
        return Svg.Drawing(Width, Height, $"Scores of {detector.Name} before and after the attack", description, content);

        Markup Panel(int index, IReadOnlyList<int> normal, IReadOnlyList<int> anomalous)
        {
            (string name, double top) = Panels[index];
            double bottom = top + PanelHeight;
            Axis y = new(0, tallest * 1.06, bottom, top, "");
            Axis ticked = y with { Ticks = [.. Axis.RoundValues(0, tallest, 3).Where(value => value == Math.Floor(value))] };
            Axis across = index == Panels.Length - 1 ? x : x with { Label = "", Format = _ => "" };
            return Markup.Of(
                $"""{Svg.Horizontal(across, top, bottom)}{Svg.Vertical(ticked, Left, Right)}{Bars("normal", normal, y)}{Bars("anomalous", anomalous, y)}{ChartFont.Text("panel", 13, Left, top - 10, name, strong: true)}""");
        }

        Markup Bars(string style, IReadOnlyList<int> counts, Axis y)
        {
            List<(double, double)> outline = [(Left, y.At(0))];
            double width = (Right - Left) / counts.Count;
            for (int i = 0; i < counts.Count; i++)
            {
                outline.Add((Left + i * width, y.At(counts[i])));
                outline.Add((Left + (i + 1) * width, y.At(counts[i])));
            }

            outline.Add((Right, y.At(0)));
            return Svg.Area($"bars {style}", outline);
        }

        bool Marked() => detector.Threshold is double threshold && scores.Position(threshold) >= scores.Low && scores.Position(threshold) <= scores.High;

        Markup Threshold() => !Marked() ? Markup.Empty : Markup.Join(Panels, panel => Markup.Of(
            $"""<line class="threshold" x1="{x.At(scores.Position(detector.Threshold!.Value))}" y1="{panel.Top}" x2="{x.At(scores.Position(detector.Threshold.Value))}" y2="{panel.Top + PanelHeight}"/>"""));
    }

    /// <summary>What a position of a logarithmic axis stands for.</summary>
    private static string Distance(double position, double unit) => position == 0 ? "0"
        : $"{(position > 0 ? "+" : "−")}{((Math.Pow(10, Math.Abs(position)) - 1) * unit).ToString("0.#E+0", CultureInfo.InvariantCulture)}";
}
