using CobraAD.Reporting.Charts;

namespace CobraAD.Reporting.Rendering;

/// <summary>
/// A page that needs nothing else: style, fonts, drawings and pictures are inside, and there is no script. It follows the reader's light or dark
/// setting, prints, and can be read with a screen reader.
/// </summary>
internal static class HtmlPage
{
    /// <summary>The page.</summary>
    /// <param name="title">What the browser calls it.</param>
    /// <param name="library">Version of the library that made it.</param>
    /// <param name="body">Its sections.</param>
    /// <param name="footer">The last line.</param>
    public static string Of(string title, string library, Markup body, string footer) => Markup.Of(
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:">
        <meta name="generator" content="CobraAD {library}">
        <title>{title}</title>
        <!-- The embedded font is a subset of Inter, copyright The Inter Project Authors, SIL Open Font License 1.1. -->
        <style>{FontFace("Inter-Regular.woff2", 400)}{FontFace("Inter-SemiBold.woff2", 600)}{new Markup(ReportAssets.Text("report.css"))}</style>
        </head>
        <body>
        <main>
        {ChartFont.Definitions(body)}{body}
        <footer>{footer}</footer>
        </main>
        </body>
        </html>

        """).Text;

    private static Markup FontFace(string asset, int weight) => new(
        $"@font-face{{font-family:\"Inter Report\";font-weight:{weight};src:url(data:font/woff2;base64,{Convert.ToBase64String(ReportAssets.Bytes(asset))}) format(\"woff2\")}}\n");
}
