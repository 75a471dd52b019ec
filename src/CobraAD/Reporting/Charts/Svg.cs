using CobraAD.Reporting.Rendering;

namespace CobraAD.Reporting.Charts;

/// <summary>The parts that all charts are drawn with. Colours come from the page's style sheet, by class.</summary>
internal static class Svg
{
    /// <summary>A whole drawing with its title and description for people who cannot see it.</summary>
    public static Markup Drawing(double width, double height, string title, string description, Markup content) => Markup.Of(
        $"""<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{title}. {description}"><title>{title}</title>{content}</svg>""");

    /// <summary>Grid lines, tick labels and the axis title below the plot.</summary>
    public static Markup Horizontal(Axis axis, double top, double bottom) => Markup.Of(
        $"""{Markup.Join(axis.Ticks, tick => Markup.Of($"""<line class="grid" x1="{axis.At(tick)}" y1="{top}" x2="{axis.At(tick)}" y2="{bottom}"/>{ChartFont.Text("tick", 12, axis.At(tick), bottom + 18, axis.Format(tick), 0.5)}"""))}{ChartFont.Text("axis", 13, (axis.From + axis.To) / 2, bottom + 40, axis.Label, 0.5)}""");

    /// <summary>Grid lines, tick labels and the axis title on the left of the plot.</summary>
    public static Markup Vertical(Axis axis, double left, double right) => Markup.Of(
        $"""{Markup.Join(axis.Ticks, tick => Markup.Of($"""<line class="grid" x1="{left}" y1="{axis.At(tick)}" x2="{right}" y2="{axis.At(tick)}"/>{ChartFont.Text("tick", 12, left - 9, axis.At(tick) + 4.3, axis.Format(tick), 1)}"""))}{ChartFont.Text("axis", 13, left - 50, (axis.From + axis.To) / 2, axis.Label, 0.5, rotation: -90)}""");

    /// <summary>A line through points.</summary>
    public static Markup Line(string style, IEnumerable<(double X, double Y)> points) =>
        Markup.Of($"""<polyline class="{style}" points="{Points(points)}"/>""");

    /// <summary>A filled area.</summary>
    public static Markup Area(string style, IEnumerable<(double X, double Y)> points) =>
        Markup.Of($"""<polygon class="{style}" points="{Points(points)}"/>""");

    /// <summary>What the signs of a drawing mean, in one row.</summary>
    /// <param name="left">Where the row begins.</param>
    /// <param name="middle">Its vertical middle.</param>
    /// <param name="entries">Each sign, drawn around the origin no wider than 26, and its meaning.</param>
    public static Markup Legend(double left, double middle, IEnumerable<(Markup Sign, string Meaning)> entries)
    {
        List<Markup> row = [];
        double x = left;
        foreach ((Markup sign, string meaning) in entries)
        {
            row.Add(Markup.Of($"""<g transform="translate({x + 13} {middle})">{sign}</g>{ChartFont.Text("legend", 13.5, x + 34, middle + 4.8, meaning)}"""));
            x += 34 + ChartFont.Width(meaning, 13.5) + 24;
        }

        return Markup.Join(row);
    }

    /// <summary>The legend of a drawing with one line for each detector; nothing when there is only one.</summary>
    public static Markup Detectors(double left, double middle, IReadOnlyList<ReportDetector> detectors) => detectors.Count < 2
        ? Markup.Empty
        : Legend(left, middle, detectors.Select((detector, series) => (Markup.Of($"""{LineSign($"curve s{series % 4}")}{Mark(series, 0, 0)}"""), detector.Name)));

    /// <summary>The sign of a line.</summary>
    public static Markup LineSign(string style) => Markup.Of($"""<line class="{style}" x1="-13" y1="0" x2="13" y2="0"/>""");

    /// <summary>The sign of an area.</summary>
    public static Markup AreaSign(string style) => Markup.Of($"""<rect class="{style}" x="-9" y="-6" width="20" height="12"/>""");

    /// <summary>The mark of a series: a shape for each, so that colour is not needed to tell them apart.</summary>
    public static Markup Mark(int series, double x, double y) => (series % 4) switch
    {
        0 => Markup.Of($"""<circle class="mark s{series % 4}" cx="{x}" cy="{y}" r="4.5"/>"""),
        1 => Markup.Of($"""<rect class="mark s{series % 4}" x="{x - 4}" y="{y - 4}" width="8" height="8"/>"""),
        2 => Markup.Of($"""<path class="mark s{series % 4}" d="M{x} {y - 5.4}L{x + 5} {y + 3.6}L{x - 5} {y + 3.6}Z"/>"""),
        _ => Markup.Of($"""<path class="mark s{series % 4}" d="M{x} {y - 5.6}L{x + 5.6} {y}L{x} {y + 5.6}L{x - 5.6} {y}Z"/>"""),
    };

    private static Markup Points(IEnumerable<(double X, double Y)> points) => Markup.Join(points, (point, i) => Markup.Of($"{(i == 0 ? "" : " ")}{point.X},{point.Y}"));
}
