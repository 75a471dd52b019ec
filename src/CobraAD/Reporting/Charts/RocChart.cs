using CobraAD.Reporting.Rendering;

namespace CobraAD.Reporting.Charts;

/// <summary>ROC curves of one detector: solid before the attack, dashed after it.</summary>
internal static class RocChart
{
    private const double Width = 500, Height = 528, Left = 76, Right = 484, Top = 72, Bottom = 480;

    public static Markup Draw(ReportDetector detector, int series)
    {
        RocCurve roc = detector.Roc!;
        Axis x = Axis.Shares(Left, Right, "False alarms: normal images called anomalous");
        Axis y = Axis.Shares(Bottom, Top, "Detected anomalies");
        Markup content = Markup.Of(
            $"""
            {ChartFont.Text("panel", 15, 0, 15, detector.Name, strong: true)}
            {Svg.Legend(0, 42, [(Svg.LineSign($"curve s{series % 4}"), $"Before, {ReportNumbers.Percent(detector.Clean.Auroc.Value)}"), (Svg.LineSign($"curve dashed s{series % 4}"), $"After, {ReportNumbers.Percent(detector.Union.Auroc.Value)}")])}
            {Svg.Horizontal(x, Top, Bottom)}{Svg.Vertical(y, Left, Right)}
            <line class="reference" x1="{Left}" y1="{Bottom}" x2="{Right}" y2="{Top}"/>
            {Curve($"curve s{series % 4}", roc.Clean)}{Curve($"curve dashed s{series % 4}", roc.Attacked)}
            """);
        string description = $"Area {ReportNumbers.Percent(detector.Clean.Auroc.Value)} before and {ReportNumbers.Percent(detector.Union.Auroc.Value)} after the attack.";
        return Svg.Drawing(Width, Height, $"ROC curves of {detector.Name}", description, content);

        Markup Curve(string style, IReadOnlyList<RocCurve.Point> points) =>
            Svg.Line(style, points.Select(point => (x.At(point.FalseAlarmRate), y.At(point.DetectionRate))));
    }
}
