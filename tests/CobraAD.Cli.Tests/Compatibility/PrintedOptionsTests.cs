using CobraAD.Methods;
using CobraAD.Tests.Compatibility;

namespace CobraAD.Cli.Tests.Compatibility;

/// <summary>
/// The names and defaults of all options, which configuration files, models, checkpoints and the hashes of experiments contain.
/// Whoever changes one on purpose replaces its file; Files/README.md says how.
/// </summary>
public sealed class PrintedOptionsTests
{
    private const string Pretraining = "pretrain-";

    /// <summary>METHOD.PRESET.SIZE.</summary>
    public static TheoryData<string> Names => [.. Files()];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task They_are_printed_as_they_were_then(string name)
    {
        string[] parts = name.Split('.');
        string[] command = parts[0].StartsWith(Pretraining, StringComparison.Ordinal)
            ? ["pretrain", "--objective", parts[0][Pretraining.Length..]]
            : ["train", "--method", parts[0]];

        (int exitCode, string output, string error) = await CommandLine.Run(
            [.. command, "--preset", parts[1], "--image-size", parts[2], "--print-config"]);

        Assert.True(exitCode == 0, error);
        Assert.Equal(File.ReadAllText(OldFiles.Path($"options/{name}.json")), output);
    }

    [Fact]
    public void Every_preset_of_every_method_is_there()
    {
        IEnumerable<string> ofMethods = DetectionMethods.All.SelectMany(method => method.Presets.Select(preset => $"{method.Name}.{preset}"));
        IEnumerable<string> ofPretrainings =
            from objective in (string[])["supervised", "simclr", "adversarial"]
            from preset in (string[])["default", "fast", "tiny"]
            select $"{Pretraining}{objective}.{preset}";

        IEnumerable<string> all = [.. ofMethods, .. ofPretrainings, "cobra.released"];

        Assert.Equal(all.SelectMany(preset => (string[])[$"{preset}.224", $"{preset}.32"]).Order(StringComparer.Ordinal), Files());
    }

    private static IEnumerable<string> Files() =>
        Directory.EnumerateFiles(OldFiles.Path("options")).Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);
}
