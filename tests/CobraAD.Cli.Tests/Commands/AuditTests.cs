using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests.Commands;

/// <summary>The audit alone and beside an evaluation, each with its report, for a detector of every kind.</summary>
public sealed class AuditTests
{
    [Fact]
    public async Task An_evaluation_with_an_audit_gives_one_report_of_both()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder), model = folder.File("parts.cobra");
        await CommandLine.Json("train", data, "-o", model, "--method", "deepsvdd", "--preset", "tiny", "--image-size", "16", "--epochs", "1", "--threads", "1");

        JsonNode printed = await CommandLine.Json("evaluate", model, data, "--attack", "fgsm; pgd:steps=2", "--epsilon", "2/255", "--audit", "--budget", "smoke", "--twin", model, "--report", folder.File("report"), "--threads", "1");

        JsonNode report = WrittenReport.Read(folder.File("report")), detector = report["detectors"]![0]!;
        Assert.Equal(["fgsm", "pgd"], detector["attacks"]!.AsArray().Select(attack => (string)attack!["name"]!));
        Assert.Contains("--attack 'fgsm; pgd:steps=2' --epsilon 2/255", (string?)report["command"], StringComparison.Ordinal);
        Assert.Equal(16, detector["audit"]!.AsArray().Count);
        Assert.Equal("smoke", (string?)detector["auditRun"]!["budget"]);
        Assert.Equal(Statuses(printed["audit"]!["checks"]!), Statuses(detector["audit"]!));
        Assert.NotEqual("skipped", (string?)detector["audit"]![11]!["status"]);
        Assert.Contains("<h2 id=\"audit\">", File.ReadAllText(folder.File("report/report.html")), StringComparison.Ordinal);
        Assert.Contains("### Audit", File.ReadAllText(folder.File("report/report.md")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_audit_reports_its_checks_and_every_attack_that_they_ran()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder);

        JsonNode printed = await CommandLine.Json("audit", "--torchscript", ForeignModels.TorchScript, data, "--input-size", "8", "--epsilon", "2/255", "--budget", "smoke", "--report", folder.File("report"), "--threads", "1");

        JsonNode detector = WrittenReport.Read(folder.File("report"))["detectors"]![0]!;
        string[] attacks = [.. detector["attacks"]!.AsArray().Select(attack => (string)attack!["name"]!)];
        Assert.Superset(new HashSet<string> { "fgsm", "pgd", "apgd", "square", "simba", "uniform-draws" }, attacks.ToHashSet());
        Assert.Equal(Statuses(printed["checks"]!), Statuses(detector["audit"]!));
        Assert.Equal((double)printed["worstAuroc"]!, (double)detector["union"]!["auroc"]!["value"]!, 1e-12);
        Assert.Equal((double)printed["worstAuroc"]!, (double)detector["auditRun"]!["attackedAuroc"]!, 1e-12);
        Assert.StartsWith("TorchScript; declared input: 8 × 8 pixels", (string?)detector["description"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_detector_without_gradients_is_audited_with_queries()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder);

        JsonNode printed = await CommandLine.Json("audit", "--onnx", ForeignModels.Onnx, data, "--input-size", "8", "--epsilon", "2/255", "--budget", "smoke", "--report", folder.File("report"), "--threads", "1");

        JsonNode detector = WrittenReport.Read(folder.File("report"))["detectors"]![0]!;
        Assert.Equal("square", (string?)Assert.Single(detector["attacks"]!.AsArray())!["name"]);
        Assert.Equal("skipped", (string?)printed["checks"]![10]!["status"]);
        Assert.DoesNotContain("flag", Statuses(printed["checks"]!));
    }

    private static string[] Statuses(JsonNode checks) => [.. checks.AsArray().Select(check => (string)check!["status"]!)];
}
