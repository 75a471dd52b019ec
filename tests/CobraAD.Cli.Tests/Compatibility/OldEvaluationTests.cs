using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CobraAD.Tests.Compatibility;

namespace CobraAD.Cli.Tests.Compatibility;

/// <summary>An evaluation that an older version began and was killed in, after its first attack and within the second.</summary>
public sealed partial class OldEvaluationTests
{
    [Fact]
    public async Task It_goes_on_from_there_to_the_numbers_that_it_came_to_then()
    {
        using TemporaryFolder folder = new();
        string state = folder.File("state");
        File.Copy(OldFiles.Path("evaluation.state"), state);

        (int exitCode, string output, string error) = await CommandLine.Run(
            "evaluate", OldFiles.Path("cobra-paper.cobra"), OldFiles.Path("parts"), "--epsilon", "4/255", "--attack", "fgsm pgd:steps=100,first-step=0.25",
            "--batch-size", "4", "--state", state, "--threads", "1", "--json");

        Assert.Contains($"Going on from {state}.", error, StringComparison.Ordinal);
        if (!OldFiles.BitsMustAgree && exitCode != 0)
        {
            AssertOnlyScoresDiffer(error);
            return;
        }

        Assert.True(exitCode == 0, error);
        JsonNode expected = OldFiles.Expected["evaluation"]!.DeepClone(), found = JsonNode.Parse(output)!;
        // The first attack was not run again: its time is the recorded one.
        Assert.Equal((double)expected["attacks"]![0]!["seconds"]!, (double)found["attacks"]![0]!["seconds"]!);
        // Intervals have another formula since; what they are intervals of has not.
        foreach (JsonNode measured in new[] { expected, found }.SelectMany(Measured)) measured.AsObject().Remove("intervals");
        foreach (JsonNode? attack in expected["attacks"]!.AsArray().Concat(found["attacks"]!.AsArray())) attack!.AsObject().Remove("seconds");
        // PGD's first step has a name since, and begins with the whole radius where nobody names it.
        found["attacks"]![1]!["recipe"] = ((string)found["attacks"]![1]!["recipe"]!).Replace("first-step=0.25,", "", StringComparison.Ordinal);
        if (OldFiles.BitsMustAgree) Assert.Equal(expected.ToJsonString(), OldFiles.Known(found, expected)!.ToJsonString());
    }

    /// <summary>A node and all nodes below it that have intervals.</summary>
    private static IEnumerable<JsonNode> Measured(JsonNode node) => (node switch
    {
        JsonObject members => members.Select(member => member.Value),
        JsonArray items => items,
        _ => [],
    }).OfType<JsonNode>().SelectMany(Measured).Concat(node is JsonObject own && own.ContainsKey("intervals") ? [node] : []).ToArray();

    /// <summary>
    /// A state belongs to the bits of the clean scores, so on another processor it is refused, as it was then. That the file could be read
    /// and names the same images, attacks and options shows in the refusal: all but the hash of the scores must agree.
    /// </summary>
    private static void AssertOnlyScoresDiffer(string error)
    {
        Assert.Contains("belongs to another evaluation", error, StringComparison.Ordinal);
        string[] fingerprints = [.. Fingerprint().Matches(error).Select(match => match.Groups[1].Value.TrimEnd() + match.Groups[2].Value.TrimEnd())];
        Assert.Equal(2, fingerprints.Length);
        Assert.Equal(fingerprints[0], fingerprints[1]);
    }

    [GeneratedRegex("(?:file|this): (.*, clean scores )[0-9a-f]{16}(.*)")]
    private static partial Regex Fingerprint();
}
