using System.Text;
using CobraAD.Reporting.Rendering;
using CobraAD.Serialization;

namespace CobraAD.Reporting;

/// <summary>Writes a report into a folder in all its forms.</summary>
internal static class ReportWriter
{
    /// <summary>Name of the page.</summary>
    public const string HtmlName = "report.html";

    /// <summary>Name of the JSON form, which follows <c>docs/reference/report.schema.json</c>.</summary>
    public const string JsonName = "report.json";

    /// <summary>Name of the Markdown form.</summary>
    public const string MarkdownName = "report.md";

    /// <summary>Writes <see cref="HtmlName"/>, <see cref="JsonName"/> and <see cref="MarkdownName"/>; each appears complete or not at all.</summary>
    /// <param name="report">What to write.</param>
    /// <param name="folder">Where to; made when missing. Reports in it are replaced.</param>
    /// <returns>The full path of the page.</returns>
    /// <exception cref="ArgumentException">The report has no detector, or a number that is drawn is not finite.</exception>
    public static string Write(RobustnessReport report, string folder)
    {
        ArgumentNullException.ThrowIfNull(report);
        string page = HtmlReport.Render(report), markdown = MarkdownReport.Render(report), json = report.ToJson() + "\n";
        string path = Path.GetFullPath(Path.Combine(folder, HtmlName));
        WriteText(Path.Combine(folder, JsonName), json);
        WriteText(Path.Combine(folder, MarkdownName), markdown);
        WriteText(path, page);
        return path;
    }

    private static void WriteText(string path, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }
}
