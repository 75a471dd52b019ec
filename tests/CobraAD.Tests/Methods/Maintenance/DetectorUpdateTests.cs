using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Common;
using CobraAD.Methods.Maintenance;
using CobraAD.Tests.Methods.Cobra;
using CobraAD.Tests.Methods.Tiles;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Maintenance;

public sealed class DetectorUpdateTests
{
    [Theory]
    [InlineData("dn2")]
    [InlineData("msad")]
    [InlineData("patchcore")]
    public void Many_parts_go_into_the_bank_and_the_threshold_and_the_file_keeps_it(string method)
    {
        using TemporaryFolder folder = new();
        using ITrainedDetector detector = Trained(method);
        using ImageSet parts = SmallTraining.Images(70, seed: 5);

        UpdateResult result = Update(detector, parts);
        detector.Save(folder.File("model.cobra"));
        using ITrainedDetector same = Detector.Load(folder.File("model.cobra"));

        Assert.Equal((50, 20), (result.Update.Added, result.Update.ForThreshold));
        Assert.Equal((20, true), (same.Card.Calibration.Count, same.Card.Calibration.HeldOut));
        Assert.NotEqual(result.Update.Before.Threshold, result.Update.After.Threshold);
        ModelUpdate kept = Assert.Single(same.Card.History);
        Assert.Equal(result.Update, kept);
        Assert.Equal(detector.ScoreAll(parts), same.ScoreAll(parts));
        Assert.Contains("20 new parts that are not in the bank", kept.Promise, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dn2")]
    [InlineData("patchcore")]
    public void Few_parts_go_into_the_bank_and_the_threshold_keeps_its_promise(string method)
    {
        using ITrainedDetector detector = Trained(method);
        ScoreCalibration before = detector.Card.Calibration;
        using ImageSet parts = SmallTraining.Images(5, seed: 5), others = SmallTraining.Images(30, seed: 6);
        double[] former = detector.ScoreAll(others), ofParts = detector.ScoreAll(parts);

        UpdateResult result = Update(detector, parts);

        Assert.Equal((5, 0), (result.Update.Added, result.Update.ForThreshold));
        Assert.Equal(before, detector.Card.Calibration);
        Assert.All(detector.ScoreAll(others).Zip(former), pair => Assert.True(pair.First <= pair.Second + 1e-4 * Math.Abs(pair.Second), $"{pair.First} is above {pair.Second}"));
        Assert.All(detector.ScoreAll(parts).Zip(ofParts), pair => Assert.True(pair.First < pair.Second));
    }

    [Fact]
    public void Of_cobra_the_similarity_keeps_its_promise_and_a_smooth_maximum_does_not()
    {
        using TemporaryFolder folder = new();
        using ImageSet images = SmallTraining.Images(), parts = SmallTraining.Images(5, seed: 5);
        using CobraDetector trained = new CobraTrainer(SmallTraining.Options with { Epochs = 1, Score = CobraScore.Similarity, Attack = null }).Train(images);
        long size = trained.Bank.Count;
        trained.Save(folder.File("model.cobra"));
        using CobraDetector smooth = CobraDetector.Load(folder.File("model.cobra"), CPU, CobraScore.Smooth, trained.Card.ScoreConstants);
        smooth.Recalibrate(images, 0.2);

        Update(trained, parts);
        Update(smooth, parts);

        Assert.Equal(size + 5, trained.Bank.Count);
        Assert.True(trained.Card.Calibration.FalseAlarmBound < 1);
        Assert.Equal(1, smooth.Card.Calibration.FalseAlarmBound);
        Assert.Contains("promises nothing", smooth.Card.History[0].Promise, StringComparison.Ordinal);
        using Tensor batch = parts.Batch(0, 5), similar = trained.Score(batch);
        Assert.All(similar.data<double>().ToArray(), score => Assert.Equal(-1, score, 5));
    }

    [Fact]
    public void What_is_unlike_good_parts_is_refused_unless_it_is_named()
    {
        using ITrainedDetector detector = Trained("dn2"), other = Trained("dn2");
        using ImageSet parts = WithAWhiteOne();

        RefusedPart refused = Assert.Single(Update(detector, parts).Refused);
        UpdateResult accepted = Update(other, parts, new UpdateOptions { Accept = ["white.png"] });

        Assert.Equal(("folder/white.png", false), (refused.Path, refused.AcceptedByName));
        Assert.InRange(refused.PValue, 0, 0.001);
        Assert.Equal((5, 1), (detector.Card.History[0].Added, detector.Card.History[0].Refused));
        Assert.Equal((6, 0, 1), (accepted.Update.Added, accepted.Update.Refused, accepted.Update.AcceptedByName));
    }

    [Fact]
    public void Parts_that_the_model_knows_are_left_out_whether_from_training_or_an_update()
    {
        using ITrainedDetector detector = Trained("dn2");
        using ImageSet known = SmallTraining.Images(64), parts = SmallTraining.Images(5, seed: 5);

        Assert.Contains("64 are known", Assert.Throws<DatasetException>(() => Update(detector, known)).Message, StringComparison.Ordinal);
        Update(detector, parts);
        Assert.Contains("5 are known", Assert.Throws<DatasetException>(() => Update(detector, parts)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_on_parts_of_an_update_is_warned_about()
    {
        using ITrainedDetector detector = Trained("dn2");
        using ImageSet parts = SmallTraining.Images(5, seed: 5);
        Update(detector, parts);
        using AnomalyBenchmark data = new("test", "folder", parts.Subset([0]), parts.Subset([0, 1, 2, 3, 4]), [false, false, false, false, true], ["good", "good", "good", "good", "bad"]);

        Assert.Contains(StudyWarnings.Of(detector, data, attacked: null), warning => warning.StartsWith("4 of the 4 normal test images", StringComparison.Ordinal));
    }

    [Fact]
    public void A_method_without_a_bank_gets_a_threshold_and_says_when_it_cannot()
    {
        using ITrainedDetector detector = Detector.Load(Compatibility.OldFiles.Path("deepsvdd.cobra"));
        int side = detector.Card.Data.Height;
        using ImageSet few = SmallTraining.Images(5, side, seed: 5), enough = SmallTraining.Images(19, side, seed: 5);
        UpdateOptions all = new() { RefuseBelow = 0 };

        Assert.Contains("needs 19", Assert.Throws<DatasetException>(() => Update(detector, few, all)).Message, StringComparison.Ordinal);
        UpdateResult result = Update(detector, enough, all);

        Assert.False(((IUpdatable)detector).HasBank);
        Assert.Equal((0, 19), (result.Update.Added, result.Update.ForThreshold));
    }

    [Fact]
    public void What_cannot_be_done_is_said_and_changes_nothing()
    {
        using ITrainedDetector detector = Trained("dn2");
        using ImageSet parts = SmallTraining.Images(5, seed: 5);
        double[] before = detector.ScoreAll(parts);

        Assert.Contains("no-such.png", Assert.Throws<DatasetException>(() => Update(detector, parts, new UpdateOptions { Accept = ["no-such.png"] })).Message, StringComparison.Ordinal);
        Assert.Contains("60 or more", Assert.Throws<DatasetException>(() => Update(detector, parts, new UpdateOptions { FalseAlarmRate = 0.1 })).Message, StringComparison.Ordinal);
        Assert.Throws<DatasetException>(() => detector.Update([AppContext.BaseDirectory + "/nowhere"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => detector.Update(["x"], new UpdateOptions { RefuseBelow = 1 }));
        Assert.Empty(detector.Card.History);
        Assert.Equal(before, detector.ScoreAll(parts));
    }

    [Fact]
    public void A_model_in_tiles_takes_the_tiles_of_new_parts_and_its_file_keeps_what_was_done()
    {
        using TemporaryFolder folder = new();
        using TiledPlates plates = new();
        plates.Detector.Save(folder.File("trained.cobra"));
        using ITrainedDetector detector = Detector.Load(folder.File("trained.cobra"));
        using ImageSet parts = LargeParts.Good(5, 11), others = LargeParts.Good(6, 12);
        double[] former = detector.ScoreAll(others), ofParts = detector.ScoreAll(parts);

        UpdateResult result = Update(detector, parts);
        detector.Save(folder.File("model.cobra"));
        using ITrainedDetector same = Detector.Load(folder.File("model.cobra"));

        Assert.Equal((5, 0), (result.Update.Added, result.Update.ForThreshold));
        Assert.Equal(plates.Detector.Card.Calibration.Threshold, same.Card.Calibration.Threshold);
        Assert.Equal(result.Update, Assert.Single(same.Card.History));
        Assert.All(detector.ScoreAll(others).Zip(former), pair => Assert.True(pair.First <= pair.Second + 1e-4, $"{pair.First} is above {pair.Second}"));
        Assert.All(detector.ScoreAll(parts).Zip(ofParts), pair => Assert.True(pair.First < pair.Second));
        Assert.Equal(detector.ScoreAll(others), same.ScoreAll(others));
        // The same parts again say nothing new.
        Assert.Throws<DatasetException>(() => Update(same, parts));
    }

    [Fact]
    public void The_threshold_of_a_model_in_tiles_comes_from_whole_parts()
    {
        using TemporaryFolder folder = new();
        using TiledPlates plates = new();
        plates.Detector.Save(folder.File("trained.cobra"));
        using ITrainedDetector detector = Detector.Load(folder.File("trained.cobra"));
        using ImageSet parts = LargeParts.Good(20, 11);

        UpdateResult result = Update(detector, parts, new UpdateOptions { ThresholdOnly = true, FalseAlarmRate = 0.1, RefuseBelow = 0 });

        Assert.Equal((0, 20), (result.Update.Added, result.Update.ForThreshold));
        Assert.Equal((20, 0.1), (detector.Card.Calibration.Count, detector.Card.Calibration.FalseAlarmRate));
    }

    private static ITrainedDetector Trained(string method)
    {
        using ImageSet images = SmallTraining.Images(64);
        return DetectionMethods.Get(method).Train(DetectionMethods.Get(method).Preset("tiny", 16), images);
    }

    private static UpdateResult Update(ITrainedDetector detector, ImageSet parts, UpdateOptions? options = null) =>
        new DetectorUpdate((IUpdatable)detector, options ?? new UpdateOptions()).Run(new ReadImages(parts, []), "folder", DateTimeOffset.UnixEpoch, CancellationToken.None);

    private static ImageSet WithAWhiteOne()
    {
        using ImageSet parts = SmallTraining.Images(5, seed: 5);
        using Tensor pixels = parts.Pixels(), white = full_like(pixels[0..1], 255);
        return new ImageSet("parts", cat([pixels, white]), [.. parts.Sources, "folder/white.png"]);
    }
}
