using System.Text.Json.Nodes;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;

namespace CobraAD.Tests.Compatibility;

/// <summary>Models that an older version wrote, read by the way of <c>cobra score</c>.</summary>
public sealed class OldModelTests
{
    public static TheoryData<string> Models => [.. OldFiles.Expected["models"]!.AsObject().Select(model => model.Key)];

    [Fact]
    public void There_is_one_of_every_method()
    {
        string[] files = [.. Directory.EnumerateFiles(OldFiles.Folder, "*.cobra").Order(StringComparer.Ordinal)];

        IEnumerable<string> kinds = files.Select(file => ModelArchive.ReadManifest(file).Kind).Distinct();

        Assert.Equal(DetectionMethods.All.Select(method => method.Name).Order(StringComparer.Ordinal), kinds.Order(StringComparer.Ordinal));
        Assert.Equal(OldFiles.Expected["models"]!.AsObject().Select(model => model.Key), files.Select(OldFiles.NameOf));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void It_scores_what_it_scored_then(string model)
    {
        JsonNode expected = OldFiles.Expected["models"]![model]!;
        using ITrainedDetector detector = DetectionMethods.Load(OldFiles.Path(model));
        using ReadImages read = DatasetLoader.ReadImages([OldFiles.Path("parts/test")], detector.Card.Data.Height, framing: null);

        double[] scores = detector.ScoreAll(read.Images);

        Assert.Equal(expected["images"]!.AsObject().Select(image => image.Key), read.Images.Sources.Select(OldFiles.NameOf));
        OldFiles.AssertScores(Numbers(expected, 0), scores);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void It_has_the_threshold_and_the_scale_that_it_had_then(string model)
    {
        JsonNode expected = OldFiles.Expected["models"]![model]!;
        using ITrainedDetector detector = DetectionMethods.Load(OldFiles.Path(model));

        double[] calibrated = [.. Numbers(expected, 0).Select(detector.Calibrate)];

        // Both come from numbers in the file, so no kernel can change them; only the last digits of exp and log are each machine's own.
        Assert.Equal((double)expected["threshold"]!, detector.Threshold);
        if (OldFiles.BitsMustAgree) OldFiles.AssertScores(Numbers(expected, 1), calibrated);
        else Assert.All(Numbers(expected, 1).Zip(calibrated), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Loaded_and_saved_again_it_holds_the_same_tensors_to_the_bit(string model)
    {
        using TemporaryFolder folder = new();
        string again = folder.File("again.cobra");
        using ITrainedDetector detector = DetectionMethods.Load(OldFiles.Path(model));

        detector.Save(again);

        SortedDictionary<string, string> expected = OldFiles.Groups(OldFiles.Expected["models"]![model]!["groups"]!);
        Assert.Equal(expected, OldFiles.Groups(OldFiles.Path(model)));
        Assert.Equal(expected, OldFiles.Groups(again));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Loaded_and_saved_again_it_says_the_same_about_itself(string model)
    {
        using TemporaryFolder folder = new();
        string again = folder.File("again.cobra");
        using ITrainedDetector detector = DetectionMethods.Load(OldFiles.Path(model));

        detector.Save(again);

        // Which version wrote the file may differ, and what only a later version knows is added.
        ModelManifest old = ModelArchive.ReadManifest(OldFiles.Path(model));
        ModelManifest now = ModelArchive.ReadManifest(again) with { LibraryVersion = old.LibraryVersion };
        Assert.Equal(CobraJson.ToNode(old)!.ToJsonString(), OldFiles.Known(CobraJson.ToNode(now), CobraJson.ToNode(old))!.ToJsonString());
    }

    /// <summary>Of each image the raw score (0) or the calibrated one (1).</summary>
    private static double[] Numbers(JsonNode model, int which) => [.. model["images"]!.AsObject().Select(image => (double)image.Value![which]!)];
}
