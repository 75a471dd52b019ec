using System.Globalization;
using System.Security;
using System.Text;

namespace CobraAD.Experiments.Figures;

/// <summary>A standalone SVG drawing with its colours inside, as a paper's figure needs it.</summary>
internal sealed class Drawing(double width, double height, string title)
{
    /// <summary>Colours that stay apart for colour-blind readers (Okabe and Ito).</summary>
    public static readonly string[] Palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

    private readonly StringBuilder content = new();

    public void Rectangle(double x, double y, double w, double h, string fill) => Add($"""<rect x="{x:0.##}" y="{y:0.##}" width="{w:0.##}" height="{h:0.##}" fill="{fill}" stroke="#fff"/>""");

    public void Circle(double x, double y, double radius, string fill, double opacity = 1) => Add($"""<circle cx="{x:0.##}" cy="{y:0.##}" r="{radius:0.##}" fill="{fill}" fill-opacity="{opacity:0.##}"/>""");

    public void Line(double x1, double y1, double x2, double y2, string stroke = "#999") => Add($"""<line x1="{x1:0.##}" y1="{y1:0.##}" x2="{x2:0.##}" y2="{y2:0.##}" stroke="{stroke}"/>""");

    public void Curve(IEnumerable<(double X, double Y)> points, string stroke) =>
        Add($"""<polyline fill="none" stroke="{stroke}" stroke-width="2" points="{string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.##},{point.Y:0.##}")))}"/>""");

    public void Text(double x, double y, string text, double size = 13, string anchor = "start") =>
        Add($"""<text x="{x:0.##}" y="{y:0.##}" font-size="{size:0.##}" text-anchor="{anchor}" fill="#1b1f24">{SecurityElement.Escape(text)}</text>""");

    /// <summary>What colours mean, one below the other.</summary>
    public void Legend(double x, double y, IEnumerable<(string Color, string Meaning)> entries)
    {
        foreach (((string color, string meaning), int i) in entries.Select((entry, i) => (entry, i)))
        {
            Rectangle(x, y + 22 * i, 14, 14, color);
            Text(x + 21, y + 22 * i + 12, meaning);
        }
    }

    /// <summary>The axes of a plot with the range of each.</summary>
    public void Frame(double left, double top, double right, double bottom, string horizontal, string vertical, (double Low, double High) x, (double Low, double High) y)
    {
        Line(left, bottom, right, bottom);
        Line(left, top, left, bottom);
        Text((left + right) / 2, bottom + 34, horizontal, anchor: "middle");
        Text(left, top - 10, vertical);
        if (x.Low < x.High)
        {
            Text(left, bottom + 16, Number(x.Low), 11, "middle");
            Text(right, bottom + 16, Number(x.High), 11, "middle");
        }
        else
        {
            Text((left + right) / 2, bottom + 16, Number(x.Low), 11, "middle");
        }

        Text(left - 6, bottom, Number(y.Low), 11, "end");
        Text(left - 6, top + 4, Number(y.High), 11, "end");
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:0.##} {height:0.##}" font-family="Inter, Helvetica, Arial, sans-serif" role="img"><title>{SecurityElement.Escape(title)}</title><rect width="100%" height="100%" fill="#fbfbfa"/>{content}</svg>""");

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private void Add(FormattableString element) => content.Append(element.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
