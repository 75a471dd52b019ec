using CobraAD.Evaluation.Parts;
using CobraAD.Reporting.Pictures;
using static TorchSharp.torch;

namespace CobraAD.Reporting.Rendering;

/// <summary>The page of a <see cref="DataCheckResult"/>: what was found, with the pictures that it is about.</summary>
internal static class DataCheckPage
{
    /// <summary>More pictures of one finding say nothing more; the table names all files.</summary>
    private const int MostPictures = 24;

    private const int MostRows = 200;

    /// <summary>Pictures are shown this wide at most: a page of thousands of pixels a picture would not open.</summary>
    private const int MostPixels = 192;

    /// <summary>The page.</summary>
    public static string Render(DataCheckResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return HtmlPage.Of(
            $"Check of {result.Data}", result.Library, Markup.Join([Header(result), .. result.Findings.Select((finding, i) => Finding(result, finding, i)), Facts(result)]),
            $"Made by CobraAD {result.Library} on {ReportNumbers.Date(result.Created)}. The numbers behind this page are in check.json beside it.");
    }

    private static Markup Header(DataCheckResult result)
    {
        int training = result.Images.Count(image => image.IsTraining), files = result.Findings.SelectMany(finding => finding.Files).Distinct().Count();
        string verdict = result.Findings.Count == 0
            ? $"Nothing odd about these {ReportNumbers.Count(result.Images.Count)} images."
            : $"{result.Findings.Count} {(result.Findings.Count == 1 ? "finding" : "findings")}{(files == 0 ? "" : $" about {ReportNumbers.Count(files)} of the files")}: look at them before you train.";
        return Markup.Of(
            $"""
            <header>
            <div class="eyebrow">Data check</div>
            <h1>{result.Data}</h1>
            <p class="verdict">{verdict}</p>
            <dl class="cards">{Card("Training images", ReportNumbers.Count(training), "all of them good, as their folder says")}{Card("Test images", ReportNumbers.Count(result.Images.Count - training), $"{ReportNumbers.Count(result.Images.Count(image => !image.IsGood))} of them anomalous")}{Card("Findings", ReportNumbers.Count(result.Findings.Count), "each with its files below")}</dl>
            </header>
            """);
    }

    private static Markup Card(string name, string value, string aside) =>
        Markup.Of($"""<div class="card"><dt>{name}</dt><dd>{value}<span class="aside">{aside}</span></dd></div>""");

    private static Markup Finding(DataCheckResult result, DataFinding finding, int index) => Markup.Of(
        $"""
        <section aria-labelledby="finding-{index}">
        <h2 id="finding-{index}">{finding.Message}</h2>
        <p>{finding.Advice}</p>
        {Pictures(result, finding)}{Table(finding)}
        </section>
        """);

    private static Markup Pictures(DataCheckResult result, DataFinding finding)
    {
        if (finding.Pictures.Count == 0 || result.Pixels is null) return Markup.Empty;
        return Markup.Of($"""<figure><ul class="gallery large">{Markup.Join(finding.Pictures.Take(MostPictures), (image, i) => Item(result, finding, i))}</ul></figure>""");
    }

    private static Markup Item(DataCheckResult result, DataFinding finding, int i)
    {
        string name = Path.GetFileName(finding.Files[i]);
        Markup partner = finding.Partners.Count == 0 ? Markup.Empty : Picture(result, finding.Partners[i], Path.GetFileName(result.Images[finding.Partners[i]].Source));
        return Markup.Of($"""<li><div class="beside">{Picture(result, finding.Pictures[i], name)}{partner}</div><strong>{name}</strong><br>{finding.Details[i]}</li>""");
    }

    private static Markup Picture(DataCheckResult result, int index, string name)
    {
        using IDisposable scope = NewDisposeScope();
        Tensor image = result.Pixels!.Batch(index, 1);
        if (image.size(3) > MostPixels) image = nn.functional.adaptive_avg_pool2d(image, MostPixels);
        return Markup.Of($"""<img src="data:image/png;base64,{new Markup(Convert.ToBase64String(PngImage.Encode(image.squeeze(0))))}" alt="{name}">""");
    }

    private static Markup Table(DataFinding finding)
    {
        if (finding.Files.Count == 0) return Markup.Empty;
        Markup rest = finding.Files.Count <= MostRows ? Markup.Empty : Markup.Of($"<tr><td colspan=\"2\">and {finding.Files.Count - MostRows} more, all in check.json</td></tr>");
        return Markup.Of(
            $"""
            <div class="panel-box"><div class="scroll"><table><thead><tr><th scope="col">File</th><th scope="col">What</th></tr></thead><tbody>{Markup.Join(finding.Files.Zip(finding.Details).Take(MostRows), row => Markup.Of($"<tr><td><code>{row.First}</code></td><td>{row.Second}</td></tr>"))}{rest}</tbody></table></div></div>
            """);
    }

    private static Markup Facts(DataCheckResult result)
    {
        (string Name, string Value)[] facts =
        [
            ("Unlike the others", $"by {result.Features}: the distance to the nearest other training image that is no copy"),
            ("False alarms", $"for each measure a flawless set has any outlier with a chance of at most {ReportNumbers.Percent(result.FalseAlarmRate)}, however many images it has, if the measure's tail falls off exponentially or faster"),
            ("Copies", "the same pixels, or grey values on a grid of 8 × 8 that differ by one level at most"),
            ("Data fingerprint", result.Fingerprint),
        ];
        return Markup.Of(
            $"""
            <section aria-labelledby="facts">
            <h2 id="facts">How this was found</h2>
            <div class="panel-box"><table class="facts"><tbody>{Markup.Join(facts, fact => Markup.Of($"""<tr><th scope="row">{fact.Name}</th><td>{fact.Value}</td></tr>"""))}</tbody></table></div>
            </section>
            """);
    }
}
