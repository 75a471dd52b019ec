using CobraAD.Methods;
using CobraAD.Tests.Compatibility;

namespace CobraAD.Cli.Tests.Compatibility;

/// <summary>A training that an older version began and was killed in.</summary>
public sealed class OldCheckpointTests
{
    [Fact]
    public async Task It_goes_on_from_there_to_the_weights_that_it_came_to_then()
    {
        using TemporaryFolder folder = new();
        string model = folder.File("unfinished.cobra");
        File.Copy(OldFiles.Path("unfinished.checkpoint"), model + ".checkpoint");

        (int exitCode, _, string error) = await CommandLine.Run(
            "train", OldFiles.Path("parts"), "-o", model, "--preset", "fast", "--config", OldFiles.Path("configurations/checkpoint.json"),
            "--image-size", "16", "--threads", "1", "--resume");

        Assert.True(exitCode == 0, error);
        // A training from the beginning would come to the same weights, but not without these two.
        Assert.Contains("epoch 4/4", error, StringComparison.Ordinal);
        Assert.DoesNotContain("epoch 1/4", error, StringComparison.Ordinal);
        Assert.DoesNotContain("pseudo-anomaly filter", error, StringComparison.Ordinal);
        // Another processor rounds every step differently: there the weights drift, and only the end can be asked for.
        if (OldFiles.BitsMustAgree) Assert.Equal(OldFiles.Groups(OldFiles.Expected["resumed"]!["groups"]!), OldFiles.Groups(model));
        else Assert.Equal(OldFiles.Groups(OldFiles.Expected["resumed"]!["groups"]!).Keys, OldFiles.Groups(model).Keys);
        Assert.Equal("cobra", DetectionMethods.LoadCard(model).Method);
    }

    [Fact]
    public void Its_tensors_are_those_of_then() =>
        Assert.Equal(OldFiles.Groups(OldFiles.Expected["checkpoint"]!), OldFiles.Groups(OldFiles.Path("unfinished.checkpoint")));
}
