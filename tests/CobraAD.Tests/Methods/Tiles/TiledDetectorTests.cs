using CobraAD.Attacks;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Audit;
using CobraAD.Evaluation.Audit.Checks;
using CobraAD.Evaluation.Metrics;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Tiles;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Tiles;

public sealed class TiledDetectorTests(TiledPlates plates) : IClassFixture<TiledPlates>
{
    [Fact]
    public void It_finds_spots_better_than_the_same_method_on_whole_images()
    {
        using ITrainedDetector whole = DetectionMethods.Train(TiledPlates.Options with { Tiles = null }, plates.Train);

        (double inTiles, double atOnce) = (Auroc(plates.Detector), Auroc(whole));

        Assert.True(inTiles > 0.9 && inTiles > atOnce, $"AUROC {inTiles} in tiles, {atOnce} at once");

        double Auroc(IAnomalyDetector detector)
        {
            double[] scores = [.. detector.ScoreAll(plates.Good), .. detector.ScoreAll(plates.Defective)];
            return DetectionMetrics.Compute(scores, [.. scores.Select((_, i) => i >= plates.Good.Count)]).Auroc;
        }
    }

    [Fact]
    public void A_place_where_no_good_image_has_content_is_left_out_and_the_card_says_so()
    {
        TiledModelCard card = plates.Detector.Card;

        Assert.Equal(4, card.Health.LeftOut);
        Assert.Equal(12, card.Health.Places);
        Assert.DoesNotContain(plates.Detector.Places, place => place.Left == 0);
        Assert.Contains("4 of 16 places are left out", card.ContentRule, StringComparison.Ordinal);
        Assert.Equal(card.Health.Places * (plates.Train.Count - card.Health.Images), card.Health.Trained);
        Assert.Equal(card.Health.Images, card.Calibration.Count);
        Assert.True(card.Calibration.HeldOut);
        Assert.Equal((LargeParts.Side, LargeParts.Side, plates.Train.Count), (card.Data.Height, card.Data.Width, card.Data.Images));
        Assert.Equal(32, card.Tile.Data.Height);
        Assert.Contains("in tiles of 32 px", card.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void What_it_is_trained_on_can_be_looked_at()
    {
        using ImageSet tiles = TrainingTiles.Of(plates.Train, TiledPlates.Options with { Tiles = TiledPlates.Options.Tiles! with { MostTraining = 20 } });

        Assert.Equal((20, 32, 32), (tiles.Count, tiles.Height, tiles.Width));
        Assert.Contains("set Tiles", Assert.Throws<ArgumentException>(() => TrainingTiles.Of(plates.Train, TiledPlates.Options with { Tiles = null })).Message, StringComparison.Ordinal);
        Assert.Contains("larger than the images", Assert.Throws<ArgumentException>(() => TrainingTiles.Of(tiles, TiledPlates.Options with { Tiles = new TileOptions { Size = 64 } })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_score_is_the_smooth_maximum_of_its_tiles()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = plates.Defective.Batch(0, 2);
        double[] tiles = plates.Detector.TileScores(images)[1].data<double>().ToArray();
        TileScale scale = plates.Detector.Scale;
        double[] z = [.. tiles.Zip(scale.Mean.data<double>(), scale.Deviation.data<double>()).Select(item => (item.First - item.Second) / item.Third)];

        Assert.Equal(TemperatureChoice.SmoothMaximum(z, scale.Temperature), FiniteScore.ToDoubles(plates.Detector.Score(images))[1], 1e-9);
    }

    [Fact]
    public void It_passes_the_audit_s_checks_of_its_score()
    {
        using Tensor images = cat([plates.Good.Batch(0, 2), plates.Defective.Batch(0, 2)]);
        bool[] anomalous = [false, false, true, true];
        using AuditContext audit = new(
            plates.Detector, new ThreatModel(Norm.Linf, 4 / 255.0), new AuditOptions { Budget = Budget.Smoke }, images, anomalous, training: null, _ => { }, CancellationToken.None);

        Assert.All<IAuditCheck>([new GradientCorrectness(), new Independence()], check =>
        {
            AuditFinding finding = check.Run(audit);
            Assert.True(finding.Status == AuditStatus.Pass, $"check {check.Number}, {check.Name}: {finding.Measured}. {finding.Meaning}");
        });
    }

    [Fact]
    public void A_saved_detector_gives_the_same_scores_to_the_bit()
    {
        string folder = Directory.CreateTempSubdirectory("tiles").FullName;
        try
        {
            string path = Path.Combine(folder, "model.cobra");
            plates.Detector.Save(path);

            using ITrainedDetector loaded = DetectionMethods.Load(path);

            Assert.Equal(plates.Detector.ScoreAll(plates.Good), loaded.ScoreAll(plates.Good));
            Assert.Equal(plates.Detector.Threshold, loaded.Threshold);
            TiledModelCard card = Assert.IsType<TiledModelCard>(DetectionMethods.LoadCard(path));
            Assert.Equal(CobraJson.ToNode(plates.Detector.Card)!.ToJsonString(), CobraJson.ToNode(card)!.ToJsonString());
            Assert.Equal(TiledPlates.Options.Tiles, card.Options.Tiles);
            Assert.Single(Directory.GetFiles(folder));
            Assert.Contains("in tiles", Assert.Throws<ModelFormatException>(() => CobraDetector.LoadCard(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("size", "1000")]
    [InlineData("temperature", "0")]
    [InlineData("places", "11")]
    public void A_changed_section_is_refused(string member, string value)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.cobra");
        try
        {
            plates.Detector.Save(path);
            using (ModelArchive archive = ModelArchive.Read(path))
            {
                ModelManifest changed = archive.Manifest with { Tiles = archive.Manifest.Tiles!.DeepClone() };
                changed.Tiles![member == "size" ? "options" : "health"]![member] = System.Text.Json.Nodes.JsonNode.Parse(value);
                ModelArchive.Write(path, changed, archive.Groups);
            }

            Assert.Contains(path, Assert.Throws<ModelFormatException>(() => DetectionMethods.Load(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_model_without_tiles_says_nothing_of_them()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.cobra");
        try
        {
            plates.Detector.Tile.Save(path);

            Assert.DoesNotContain("iles\"", CobraJson.ToNode(ModelArchive.ReadManifest(path) with { Data = null })!.ToJsonString(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Images_of_another_size_are_refused()
    {
        using Tensor images = TestImages.Uniform(1, 64);

        Assert.Contains("96 × 96", Assert.Throws<ArgumentException>(() => plates.Detector.Score(images)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_operating_point_can_be_set_anew()
    {
        using DisposeScope scope = NewDisposeScope();
        using ITrainedDetector detector = DetectionMethods.Train(TiledPlates.Options, plates.Train);
        using ImageSet other = LargeParts.Good(12, 9);

        detector.Recalibrate(other, 0.2);

        Assert.Equal((12, 0.2), (detector.Card.Calibration.Count, detector.Card.Calibration.FalseAlarmRate));
        Assert.InRange(detector.ScoreAll(other).Count(score => score > detector.Threshold), 0, 2);
    }

    [Fact]
    public void Cobra_trains_on_tiles_keeps_whole_images_out_and_goes_on_after_an_interruption()
    {
        string checkpoint = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.checkpoint");
        CobraOptions preset = (CobraOptions)DetectionMethods.Get("cobra").Preset("tiny", 32);
        CobraOptions options = preset with
        {
            Epochs = 2,
            ItemsPerEpoch = 32,
            BatchSize = 16,
            Attack = null,
            AnomalySource = "rotation",
            Score = CobraScore.Similarity,
            Tiles = new TileOptions { Size = 32, MostTraining = 48 },
        };
        try
        {
            using CancellationTokenSource stop = new();
            StopAfterAnEpoch progress = new(stop);
            Assert.ThrowsAny<OperationCanceledException>(() =>
                DetectionMethods.Train(options, plates.Train, new TrainingSession { CheckpointPath = checkpoint, Progress = progress, Cancellation = stop.Token }));
            using ITrainedDetector resumed = DetectionMethods.Train(options, plates.Train, new TrainingSession { CheckpointPath = checkpoint, Resume = true });
            using ITrainedDetector whole = DetectionMethods.Train(options, plates.Train);

            Assert.Equal(whole.ScoreAll(plates.Good), resumed.ScoreAll(plates.Good));
            TiledModelCard card = Assert.IsType<TiledModelCard>(resumed.Card);
            Assert.Equal(48, card.Health.Trained);
            Assert.Equal("cobra", card.Method);
            Assert.IsType<CobraModelCard>(card.Tile);
        }
        finally
        {
            File.Delete(checkpoint);
        }
    }

    private sealed class StopAfterAnEpoch(CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Phase == TrainingPhase.Network && value.Epoch == 2) stop.Cancel();
        }
    }
}
