using System.Globalization;
using CobraAD.Reporting.Rendering;

namespace CobraAD.Reporting.Charts;

/// <summary>AUROC against the attack's radius, one line a detector, the interval as a band.</summary>
internal static class SecurityChart
{
    private const double Width = 1040, Left = 76, Right = 1012, PlotHeight = 300;

    public static Markup Draw(RobustnessReport report)
    {
        double[] radii = [.. report.Detectors.SelectMany(detector => detector.SecurityCurve).Select(point => point.Epsilon).Append(report.Threat.Epsilon).Distinct().Order()];
        bool levels = report.Threat.Norm == "linf";
        double unit = levels ? 1 / 255.0 : 1;
        string label = levels ? "Radius ε of the attack, in grey levels of 255" : "Radius ε of the attack (ℓ₂)";
        double largest = Math.Max(radii[^1], 1e-9);
        double top = report.Detectors.Count < 2 ? 28 : 64, bottom = top + PlotHeight;
        Axis x = new(0, largest, Left, Right, label)
        {
            Ticks = Spread(radii, 0.04 * largest),
            Format = value => (value / unit).ToString("0.##", CultureInfo.InvariantCulture),
        };
        Axis y = Axis.Shares(bottom, top, "AUROC");

        double at = x.At(report.Threat.Epsilon);
        bool leftOfLine = at > Right - 120;
        Markup content = Markup.Of(
            $"""
            {Svg.Detectors(0, 16, report.Detectors)}{Svg.Horizontal(x, top, bottom)}{Svg.Vertical(y, Left, Right)}
            <line class="reference" x1="{Left}" y1="{y.At(0.5)}" x2="{Right}" y2="{y.At(0.5)}"/>
            <line class="reference" x1="{at}" y1="{top}" x2="{at}" y2="{bottom}"/>
            {ChartFont.Text("note", 12, at, top - 9, $"this report: {report.Threat.Radius(report.Threat.Epsilon)}", leftOfLine ? 1 : 0.5)}
            {Markup.Join(report.Detectors, Curve)}
            """);
        return Svg.Drawing(Width, bottom + 46, "Security curve", Describe(report), content);

        Markup Curve(ReportDetector detector, int series)
        {
            ReportSecurityPoint[] points = [.. detector.SecurityCurve.OrderBy(point => point.Epsilon)];
            IEnumerable<(double, double)> upper = points.Select(point => (x.At(point.Epsilon), y.At(point.Auroc.High)));
            IEnumerable<(double, double)> lower = points.Reverse().Select(point => (x.At(point.Epsilon), y.At(point.Auroc.Low)));
            return Markup.Of(
                $"""{Svg.Area($"band s{series % 4}", upper.Concat(lower))}{Certified(detector, series)}{Svg.Line($"curve s{series % 4}", points.Select(point => (x.At(point.Epsilon), y.At(point.Auroc.Value))))}{Markup.Join(points, point => Svg.Mark(series, x.At(point.Epsilon), y.At(point.Auroc.Value)))}""");
        }

        // A certificate bounds from below what attacks bound from above; it holds under ℓ₂ only.
        Markup Certified(ReportDetector detector, int series) => levels || detector.Certificate is not { } certificate ? Markup.Empty : Svg.Line(
            $"curve s{series % 4} dashed", certificate.Points.Where(point => point.Epsilon <= largest).Select(point => (x.At(point.Epsilon), y.At(point.Auroc))).Prepend((x.At(0), y.At(certificate.Auroc))));
    }

    // Radii often double, so the small ones crowd: a label needs its room.
    private static List<double> Spread(double[] radii, double room)
    {
        List<double> kept = [0];
        foreach (double radius in radii)
        {
            if (radius - kept[^1] >= room) kept.Add(radius);
        }

        return kept;
    }

    private static string Describe(RobustnessReport report)
    {
        return string.Join(" ", report.Detectors.Where(detector => detector.SecurityCurve.Count > 0).Select(detector =>
            $"{detector.Name}: {List(detector.SecurityCurve.OrderBy(point => point.Epsilon).Select(point => (point.Auroc.Value, point.Epsilon)))}{Certified(detector)}."));

        string Certified(ReportDetector detector) => report.Threat.Norm == "l2" && detector.Certificate is { } certificate
            ? $"; certified, the dashed line: {List(certificate.Points.Select(point => (point.Auroc, point.Epsilon)))}"
            : "";

        string List(IEnumerable<(double Auroc, double Epsilon)> points) => string.Join(", ", points.Select(point => $"{ReportNumbers.Percent(point.Auroc)} at {report.Threat.Radius(point.Epsilon)}"));
    }
}
