using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests.Commands;

/// <summary>Bounds of a detector with a constant and of one without, each with its attacks and its report.</summary>
public sealed class CertifyTests
{
    [Fact]
    public async Task A_lipschitz_detector_is_certified_without_samples_beside_its_attacks()
    {
        using TemporaryFolder folder = new();
        (string data, string model) = await Trained(folder, "ocsdf");

        JsonNode printed = await CommandLine.Json("certify", model, data, "--epsilon", "0.05,0.2", "--attack", "fgsm", "--report", folder.File("report"), "--threads", "1");

        JsonNode detector = WrittenReport.Read(folder.File("report"))["detectors"]![0]!;
        Assert.Equal("lipschitz", (string?)printed["kind"]);
        Assert.Equal("lipschitz", (string?)detector["certificate"]!["kind"]);
        Assert.All(printed["points"]!.AsArray(), point => Assert.True((double)point!["auroc"]! <= (double)point["attackedAuroc"]! + 1e-9));
        JsonNode image = printed["images"]![0]!, bounds = image["bounds"]![1]!;
        Assert.Equal(2 * 0.2 * (double)printed["lipschitzConstant"]!, (double)bounds["upper"]! - (double)bounds["lower"]!, 1e-9);
        string page = File.ReadAllText(folder.File("report/report.html"));
        Assert.Contains("<h2 id=\"certificate\">", page, StringComparison.Ordinal);
        Assert.Contains("The dashed line is the certificate", page, StringComparison.Ordinal);
        Assert.Contains("no attack gets below the certified AUROC", page, StringComparison.Ordinal);
        Assert.Contains("### Certified against every attack", File.ReadAllText(folder.File("report/report.md")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_other_detector_is_smoothed_and_its_cost_is_said_before()
    {
        using TemporaryFolder folder = new();
        (string data, string model) = await Trained(folder, "deepsvdd");

        (int exitCode, string output, string error) = await CommandLine.Run("certify", model, data, "--epsilon", "0.02", "--samples", "128", "--images", "3", "--threads", "1");

        Assert.Equal(0, exitCode);
        Assert.Contains("6 images, 768 passes with noise of 0.25", error, StringComparison.Ordinal);
        Assert.Contains("smoothed with σ = 0.25", output, StringComparison.Ordinal);
        Assert.Contains("with probability 0.999", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_detectors_with_their_certificates_stand_in_one_figure()
    {
        using TemporaryFolder folder = new();
        (string data, string exact) = await Trained(folder, "ocsdf");
        string smoothed = folder.File("other.cobra");
        await CommandLine.Json("train", data, "-o", smoothed, "--method", "deepsvdd", "--preset", "tiny", "--image-size", "16", "--epochs", "1", "--threads", "1");
        string[] options = ["--epsilon", "0.01,0.02", "--attack", "fgsm", "--images", "3", "--samples", "128", "--attack-draws", "3", "--threads", "1"];
        await CommandLine.Json(["certify", exact, data, .. options, "--report", folder.File("first")]);

        await CommandLine.Json(["certify", smoothed, data, .. options, "--report", folder.File("both"), "--beside", folder.File("first/report.json")]);

        JsonArray detectors = WrittenReport.Read(folder.File("both"))["detectors"]!.AsArray();
        Assert.Equal(["median smoothing", "lipschitz"], detectors.Select(detector => (string?)detector!["certificate"]!["kind"]));
        Assert.All(detectors, detector => Assert.Equal(2, detector!["certificate"]!["points"]!.AsArray().Count));
        string page = File.ReadAllText(folder.File("both/report.html"));
        Assert.Contains("curve s0 dashed", page, StringComparison.Ordinal);
        Assert.Contains("curve s1 dashed", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--images", "2", "give the same --images")]
    [InlineData("--epsilon", "0.01,0.03", "the largest radius of that report is 0.02")]
    [InlineData("--seed", "5", "was made with --seed 0")]
    public async Task Another_sample_radius_or_seed_is_refused_before_the_work(string option, string value, string complaint)
    {
        using TemporaryFolder folder = new();
        (string data, string model) = await Trained(folder, "ocsdf");
        Dictionary<string, string> options = new() { ["--epsilon"] = "0.01,0.02", ["--images"] = "3", ["--seed"] = "0" };
        await CommandLine.Json(["certify", model, data, .. Words(), "--report", folder.File("first"), "--threads", "1"]);
        options[option] = value;

        (int exitCode, _, string error) = await CommandLine.Run(["certify", model, data, .. Words(), "--report", folder.File("both"), "--beside", folder.File("first/report.json"), "--threads", "1"]);

        Assert.Equal(2, exitCode);
        Assert.Contains(complaint, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("both")));

        IEnumerable<string> Words() => options.SelectMany(pair => (string[])[pair.Key, pair.Value]);
    }

    [Fact]
    public async Task Too_few_samples_are_wrong_usage_and_say_how_many_it_takes()
    {
        using TemporaryFolder folder = new();
        (string data, string model) = await Trained(folder, "deepsvdd");

        (int exitCode, _, string error) = await CommandLine.Run("certify", model, data, "--epsilon", "0.5", "--samples", "16", "--images", "2", "--threads", "1");

        Assert.Equal(2, exitCode);
        Assert.Contains("are needed. Use more samples, a larger sigma or a smaller radius.", error, StringComparison.Ordinal);
    }

    private static async Task<(string Data, string Model)> Trained(TemporaryFolder folder, string method)
    {
        string data = DrawnParts.In(folder), model = folder.File("parts.cobra");
        await CommandLine.Json("train", data, "-o", model, "--method", method, "--preset", "tiny", "--image-size", "16", "--epochs", "1", "--threads", "1");
        return (data, model);
    }
}
