using System.Text.RegularExpressions;
using System.Xml.Linq;
using CobraAD.Evaluation.Audit;
using CobraAD.Reporting;
using CobraAD.Reporting.Charts;
using CobraAD.Reporting.Rendering;

namespace CobraAD.Tests.Reporting.Rendering;

public partial class HtmlReportTests
{
    private static readonly RobustnessReport Report = SampleReport.Create();
    private static readonly string Page = HtmlReport.Render(Report);

    [Fact]
    public void The_page_needs_nothing_from_outside_and_runs_nothing()
    {
        Assert.DoesNotMatch("(?i)<script|<link|@import|javascript:|<iframe|<object", Page);
        Assert.All(Addresses().Matches(Page), match => Assert.StartsWith("data:", match.Groups[1].Value, StringComparison.Ordinal));
        Assert.Contains("default-src 'none'", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_drawing_is_well_formed_and_has_a_description()
    {
        XElement[] drawings = [.. Drawings().Matches(Page).Select(match => XElement.Parse(match.Value))];

        Assert.Equal(6, drawings.Count(drawing => (string?)drawing.Attribute("role") == "img"));
        Assert.All(drawings.Where(drawing => (string?)drawing.Attribute("role") == "img"), drawing => Assert.NotEmpty((string)drawing.Attribute("aria-label")!));
        Assert.DoesNotContain("NaN", string.Concat(drawings.Select(drawing => drawing.ToString())), StringComparison.Ordinal);
    }

    [Fact]
    public void A_chosen_score_is_shown_beside_what_it_was_chosen_among()
    {
        string text = MarkdownReport.Render(Report), named = HtmlReport.Render(Report with { Detectors = [Report.Detectors[1]] });

        Assert.Contains("smooth maximum (chosen)</th><td class=\"number\">98.0 / 91.0</td><td class=\"number\">84.0 / 47.0</td>", Page, StringComparison.Ordinal);
        Assert.Contains("| largest similarity | 97.0 / ≤60.0 | 85.0 / ≤12.5 |", text, StringComparison.Ordinal);
        Assert.DoesNotContain("How the score was chosen", named, StringComparison.Ordinal);
    }

    [Fact]
    public void Attacks_of_one_name_are_drawn_apart()
    {
        ReportDetector detector = Report.Detectors[0];
        ReportCondition pgd = detector.Attacks[1];
        ReportCondition[] twice = [pgd with { Recipe = "pgd:steps=50,restarts=1" }, pgd with { Recipe = "pgd:steps=50,restarts=2" }];

        string same = AttackChart.Draw(Report with { Detectors = [detector with { Attacks = [pgd] }] }).Text;
        string apart = AttackChart.Draw(Report with { Detectors = [detector with { Attacks = twice }] }).Text;

        // Untouched and the attack; untouched, both attacks and their union.
        Assert.Equal(2, Regex.Count(same, "class=\"interval"));
        Assert.Equal(4, Regex.Count(apart, "class=\"interval"));
        Assert.Equal(2, Regex.Count(apart, "class=\"text note\"") - Regex.Count(same, "class=\"text note\""));
    }

    [Fact]
    public void Every_letter_in_a_drawing_is_an_outline_that_the_page_defines_once()
    {
        string[] defined = [.. Outlines().Matches(Page).Select(match => match.Groups[1].Value)];
        string[] used = [.. Letters().Matches(Page).Select(match => match.Groups[1].Value).Distinct()];

        Assert.DoesNotContain("<text", Page, StringComparison.Ordinal);
        Assert.Equal(used.Order(StringComparer.Ordinal), defined.Order(StringComparer.Ordinal));
        Assert.True(used.Length > 40);
    }

    [Fact]
    public void Every_picture_has_a_description() =>
        Assert.All(Pictures().Matches(Page), match => Assert.Matches("alt=\"[^\"]+\"", match.Value));

    [Fact]
    public void Names_from_outside_cannot_become_markup()
    {
        RobustnessReport hostile = Report with
        {
            Title = "<script>alert(1)</script>",
            Data = Report.Data with { Name = "\"><img src=x onerror=alert(1)>" },
            Notes = ["a & b < c"],
        };

        string page = HtmlReport.Render(hostile);

        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        Assert.Contains("a &amp; b &lt; c", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_headline_names_both_detectors_with_their_numbers()
    {
        Assert.Contains($"{100 * Report.Detectors[0].Union.Auroc.Value:0.0}% when an attacker may change every pixel within ℓ∞ ≤ 4/255", Page, StringComparison.Ordinal);
        Assert.Contains($"Clean-trained twin goes from {100 * Report.Detectors[1].Clean.Auroc.Value:0.0}% to {100 * Report.Detectors[1].Union.Auroc.Value:0.0}%", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_that_were_not_measured_leave_no_trace()
    {
        ReportDetector bare = Report.Detectors[0] with { Attacks = [], SecurityCurve = [], Roc = null, Scores = null, Audit = [], HardestImages = [], Threshold = null, ModelHash = null };

        string page = HtmlReport.Render(Report with { Detectors = [bare], Galleries = [], Invariants = [], Notes = [] });

        Assert.DoesNotContain("id=\"security\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"roc\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"audit\"", page, StringComparison.Ordinal);
        Assert.Contains("No audit was run: gradient masking has not been ruled out.", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, false, "PASS", "The audit passes 6 of 8 checks; 2 were skipped.")]
    [InlineData(true, true, "FLAG", "The audit flags 1 check of 5")]
    [InlineData(false, false, "FLAG", "Do not use its numbers.")]
    public void Doubt_is_said_at_the_top(bool invariantsHold, bool flagged, string chip, string sentence)
    {
        ReportDetector first = Report.Detectors[0], second = Report.Detectors[1];
        if (flagged)
        {
            first = first with { Audit = [new AuditCheck(2, "Unbounded attack", AuditStatus.Flag, "AUROC 31.2%", "AUROC ≤ 1%", "The gradient leads nowhere.")] };
        }

        ReportInvariant invariant = new("no attack raises the AUROC", invariantsHold, "99% and 98%");
        string page = HtmlReport.Render(Report with { Detectors = [first, second], Invariants = [invariant] });

        string header = page[page.IndexOf("<header>", StringComparison.Ordinal)..page.IndexOf("</header>", StringComparison.Ordinal)];
        Assert.Contains($">{chip}<", header, StringComparison.Ordinal);
        Assert.Contains(sentence, header, StringComparison.Ordinal);
    }

    [Fact]
    public void A_metric_that_is_not_a_number_is_refused_by_name()
    {
        ReportDetector broken = Report.Detectors[0] with { Union = Report.Detectors[0].Union with { Auroc = new ReportMetric(double.NaN, 0, 1) } };

        ArgumentException error = Assert.Throws<ArgumentException>(() => HtmlReport.Render(Report with { Detectors = [broken] }));

        Assert.Contains("COBRA, All attacks together: Auroc is NaN", error.Message, StringComparison.Ordinal);
    }

    [GeneratedRegex("(?:src=\"|href=\"(?!#)|url\\()([^\")]*)")]
    private static partial Regex Addresses();

    [GeneratedRegex("<path id=\"([^\"]+)\" d=\"[^\"]+\"")]
    private static partial Regex Outlines();

    [GeneratedRegex("<use href=\"#([^\"]+)\"")]
    private static partial Regex Letters();

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Drawings();

    [GeneratedRegex("<img[^>]*>")]
    private static partial Regex Pictures();
}
