using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods.DeepSvdd;
using CobraAD.Methods.Neighbours;
using CobraAD.Tests.Compatibility;
using CobraAD.Tests.Datasets;

namespace CobraAD.Tests;

public sealed class DetectorTests
{
    private static string Parts => OldFiles.Path("parts");

    [Fact]
    public void A_folder_becomes_a_detector_that_gives_the_same_scores_from_its_file()
    {
        using TemporaryFolder folder = new();
        string model = Path.Combine(folder.Path, "model.cobra");
        using AnomalyBenchmark data = Detector.Open(Parts);
        using ITrainedDetector detector = Detector.Train(data, new DeepSvddOptions { Epochs = 1 });
        detector.Save(model);

        using ITrainedDetector same = Detector.Load(model);

        Assert.Equal("deepsvdd", same.Card.Method);
        Assert.Equal(detector.Calibrated(Parts), same.Calibrated(Parts));
        Assert.All(same.Calibrated(Parts), score => Assert.InRange(score, 0, 1));
    }

    [Fact]
    public void A_method_and_its_preset_are_found_by_name()
    {
        using AnomalyBenchmark data = Detector.Open(Parts);

        using ITrainedDetector detector = Detector.Train(data, "deepsvdd", "tiny");

        Assert.Equal("tiny", detector.Card.Options.Preset);
        Assert.Contains("deepsvdd", Assert.Throws<ArgumentException>(() => Detector.Train(data, "magic")).Message, StringComparison.Ordinal);
        Assert.Contains("tiny", Assert.Throws<ArgumentException>(() => Detector.Train(data, "deepsvdd", "huge")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_of_a_method_without_its_backbone_are_refused_by_that_method()
    {
        using AnomalyBenchmark data = Detector.Open(Parts);

        Assert.ThrowsAny<ArgumentException>(() => Detector.Train(data, new Dn2Options { Neighbours = 0 }));
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        using ITrainedDetector detector = Detector.Load(OldFiles.Path("deepsvdd.cobra"));

        Assert.Contains("nowhere", Assert.Throws<DatasetException>(() => Detector.Open("nowhere")).Message, StringComparison.Ordinal);
        Assert.Contains("nowhere", Assert.Throws<FileNotFoundException>(() => Detector.Load("nowhere.cobra")).Message, StringComparison.Ordinal);
        Assert.Contains("nowhere", Assert.Throws<FileNotFoundException>(() => Detector.Foreign("nowhere.pt")).Message, StringComparison.Ordinal);
        Assert.Contains("nowhere", Assert.Throws<DatasetException>(() => detector.Calibrated("nowhere")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unreadable_image_stops_the_plain_scores_and_is_listed_beside_the_others()
    {
        using TemporaryFolder folder = new();
        folder.Pictures("new", 3);
        string broken = folder.File("new/broken.png", "no picture"u8.ToArray());
        using ITrainedDetector detector = Detector.Load(OldFiles.Path("deepsvdd.cobra"));

        FileScores scores = detector.ScoreFiles([folder.Path]);

        Assert.Equal(3, scores.Images.Count);
        Assert.Equal(broken, Assert.Single(scores.Unreadable).Source);
        Assert.All(scores.Images, image => Assert.Equal(image.RawScore > detector.Threshold, image.IsAnomalous));
        Assert.Contains(broken, Assert.Throws<DatasetException>(() => detector.Calibrated(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_images_gives_no_scores()
    {
        using TemporaryFolder folder = new();
        using ITrainedDetector detector = Detector.Load(OldFiles.Path("deepsvdd.cobra"));

        Assert.Throws<DatasetException>(() => detector.Calibrated(folder.Path));
        Assert.Empty(detector.ScoreFiles([folder.Path]).Images);
    }
}
