using System.Text.Json.Nodes;
using CobraAD.Reporting;
using CobraAD.Reporting.Rendering;

namespace CobraAD.Tests.Reporting;

public class RobustnessReportTests
{
    private static readonly RobustnessReport Report = SampleReport.Create();

    private static readonly SchemaCheck Schema = new(JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "report.schema.json")))!);

    [Fact]
    public void The_json_form_follows_the_published_schema() => Assert.Empty(Schema.Violations(JsonNode.Parse(Report.ToJson())));

    [Fact]
    public void A_bare_report_follows_the_published_schema()
    {
        ReportDetector bare = Report.Detectors[0] with { Attacks = [], SecurityCurve = [], Roc = null, Scores = null, Audit = [], AuditRun = null, HardestImages = [], Threshold = null, ModelHash = null, TrainingSeconds = null };

        Assert.Empty(Schema.Violations(JsonNode.Parse((Report with { Detectors = [bare], Galleries = [], Invariants = [], Notes = [] }).ToJson())));
    }

    [Theory]
    [InlineData("surprise", "1", "additionalProperties")]
    [InlineData("schemaVersion", "2", "const")]
    [InlineData("detectors", "[]", "minItems")]
    [InlineData("threat", """{"norm": "l7", "epsilon": 1}""", "enum")]
    public void The_schema_refuses_what_no_report_has(string member, string value, string keyword)
    {
        JsonNode tree = JsonNode.Parse(Report.ToJson())!;
        tree[member] = JsonNode.Parse(value);

        Assert.Contains(Schema.Violations(tree), violation => violation.Contains(keyword, StringComparison.Ordinal));
    }

    [Fact]
    public void Two_reports_about_the_same_images_become_one()
    {
        RobustnessReport other = Report with { Detectors = [Report.Detectors[0] with { Name = "another" }], Warnings = ["one more"] };

        RobustnessReport both = Report.Beside(other);

        Assert.Equal([.. Report.Detectors.Select(detector => detector.Name), "another"], both.Detectors.Select(detector => detector.Name));
        Assert.Equal(Report.Invariants.Count + other.Invariants.Count, both.Invariants.Count);
        Assert.Contains("one more", both.Warnings);
        Assert.Equal(Report.Notes, both.Notes);
        Assert.Empty(Schema.Violations(JsonNode.Parse(both.ToJson())));
    }

    [Fact]
    public void Two_reports_about_different_things_do_not()
    {
        Refused(Report with { Data = Report.Data with { Fingerprint = "other" } }, "test images");
        Refused(Report with { Data = Report.Data with { Normals = Report.Data.Normals + 1 } }, "sample");
        Refused(Report with { Threat = new ReportThreat(Report.Threat.Norm == "l2" ? "linf" : "l2", Report.Threat.Epsilon) }, "norm");
        Refused(Report with { Threat = Report.Threat with { Epsilon = Report.Threat.Epsilon / 2 } }, "radius");
        Refused(Report with { Seed = Report.Seed + 1 }, "seed");

        static void Refused(RobustnessReport other, string what) =>
            Assert.Contains($"their {what}", Assert.Throws<ArgumentException>(() => Report.Beside(other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_figure_says_in_words_what_is_certified()
    {
        ReportCertificate certificate = new() { Kind = "lipschitz", Statement = "Bounded.", Confidence = 1, Auroc = 0.97, Points = [new ReportCertifiedPoint(0.1, 0.913)] };
        ReportDetector detector = Report.Detectors[0] with { Certificate = certificate };

        string page = HtmlReport.Render(Report with { Threat = new ReportThreat("l2", 0.1), Detectors = [detector] });

        Assert.Contains("certified, the dashed line: 91.3% at 0.1", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_read_back_gives_the_same_page()
    {
        RobustnessReport again = RobustnessReport.FromJson(Report.ToJson());

        Assert.Equal(HtmlReport.Render(Report), HtmlReport.Render(again));
        Assert.Equal(MarkdownReport.Render(Report), MarkdownReport.Render(again));
    }

    [Fact]
    public void All_three_forms_are_written_together()
    {
        using TemporaryFolder folder = new();

        string page = ReportWriter.Write(Report, folder.File("a/b"));

        Assert.Equal(folder.File("a/b/report.html"), page);
        Assert.Equal(["report.html", "report.json", "report.md"], Directory.GetFiles(folder.File("a/b")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Markdown_holds_the_tables()
    {
        string text = MarkdownReport.Render(Report with { Title = "a | b <c>" });

        Assert.StartsWith("# a \\| b &lt;c>\n", text, StringComparison.Ordinal);
        Assert.Contains("| PGD `pgd:steps=100,restarts=5` |", text, StringComparison.Ordinal);
        Assert.Contains("| 12 | Transfer | SKIPPED |", text, StringComparison.Ordinal);
        Assert.Contains("The quick audit took 50 normal and 50 anomalous images and 3 min 07 s: AUROC 98.1% untouched, 87.2% under all attacks of its checks.", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n').Where(line => line.StartsWith('|')).Select(line => line.Replace("\\|", "")), line => Assert.Contains(line.Count(c => c == '|'), new[] { 3, 4, 5, 7, 9, 10 }));
    }

    [Fact]
    public void Invariants_hold_for_an_honest_evaluation()
    {
        IReadOnlyList<ReportInvariant> found = ReportInvariant.Check(Report.Detectors[0]);

        Assert.Equal(3, found.Count);
        Assert.All(found, invariant => Assert.True(invariant.Holds, invariant.Name));
    }

    [Fact]
    public void Broken_invariants_are_found_with_their_numbers()
    {
        ReportDetector honest = Report.Detectors[0];
        ReportCondition better = honest.Attacks[1] with { Auroc = new ReportMetric(1, 1, 1) };
        ReportDetector broken = honest with
        {
            Attacks = [better, .. honest.Attacks.Skip(2)],
            Union = honest.Union with { Auroc = new ReportMetric(0.999, 0.99, 1) },
            SecurityCurve = [new ReportSecurityPoint(0.1, new ReportMetric(0.5, 0.4, 0.6)), new ReportSecurityPoint(0.2, new ReportMetric(0.6, 0.5, 0.7))],
        };

        IReadOnlyList<ReportInvariant> found = ReportInvariant.Check(broken);

        Assert.All(found, invariant => Assert.False(invariant.Holds, invariant.Name));
        Assert.Contains("100.0% (PGD)", found[0].Detail, StringComparison.Ordinal);
        Assert.Equal("50.0% → 60.0%", found[2].Detail);
    }

    [Theory]
    [InlineData("linf", 4 / 255.0, "ℓ∞ ≤ 4/255")]
    [InlineData("linf", 0.01, "ℓ∞ ≤ 0.01")]
    [InlineData("l2", 0.5, "ℓ₂ ≤ 0.5")]
    public void Threat_models_read_as_people_write_them(string norm, double epsilon, string text) =>
        Assert.Equal(text, new ReportThreat(norm, epsilon).ToString());
}
