using System.Text.RegularExpressions;
using CobraAD.Detection;
using CobraAD.Experiments;
using CobraAD.Tests.Compatibility;
using CobraAD.Tests.Datasets;

namespace CobraAD.Tests;

/// <summary>Many files in pieces: the joined result is that of one process, to the bit.</summary>
public sealed class BulkScoringTests : IDisposable
{
    private const int Count = 1030;

    private readonly TemporaryFolder folder = new();
    private readonly ITrainedDetector detector = Detector.Load(Model);

    public BulkScoringTests()
    {
        folder.Pictures("new", Count);
        folder.File("new/broken.png", "no picture"u8.ToArray());
    }

    private static string Model => OldFiles.Path("deepsvdd.cobra");

    private string Images => Path.Combine(folder.Path, "new");

    public void Dispose()
    {
        detector.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Pieces_computed_apart_in_any_order_and_merged_are_the_scores_of_one_process()
    {
        FileScores alone = detector.ScoreFiles([Images]);
        BulkScoring here = Plan("here"), there = Plan("there");

        there.Compute(1, detector);
        here.Compute(0, detector);
        Assert.Equal([1], here.Missing());
        Assert.Throws<ExperimentException>(() => here.Results(detector.Card).ToArray());
        int added = here.Merge(Store("there"));

        Assert.Equal(2, here.Pieces);
        Assert.Equal(1, added);
        Assert.Empty(here.Missing());
        FileScores[] pieces = [.. here.Results(detector.Card)];
        Assert.Equal(alone.Images, pieces.SelectMany(piece => piece.Images));
        Assert.Equal(alone.Unreadable, pieces.SelectMany(piece => piece.Unreadable));
        Assert.Equal(Count, alone.Images.Count);
        Assert.Single(alone.Unreadable);
    }

    [Fact]
    public void Blocks_hold_consecutive_files_and_are_whole_passes()
    {
        FileScores[] blocks = [.. detector.ScoreBlocks([Images])];

        Assert.Equal([1024, 6], blocks.Select(block => block.Images.Count));
        Assert.Equal(blocks.SelectMany(block => block.Images).Select(image => image.Path).Order(StringComparer.Ordinal), blocks.SelectMany(block => block.Images).Select(image => image.Path));
        Assert.All(new[] { 8, 32, 64, 224, 512, 4096 }, side => Assert.Equal(0, CobraAD.Detection.Bulk.FileBlocks.Size(side) % 64));
        Assert.InRange(CobraAD.Detection.Bulk.FileBlocks.Size(4096), 64, 64);
    }

    [Fact]
    public void An_image_that_changed_is_scored_again_and_only_its_piece()
    {
        BulkScoring planned = Plan("store");
        foreach (int piece in planned.Missing()) planned.Compute(piece, detector);
        string last = detector.ScoreFiles([Images]).Images[^1].Path;

        File.Copy(detector.ScoreFiles([Images]).Images[0].Path, last, overwrite: true);

        Assert.Equal([1], Plan("store").Missing());
    }

    [Fact]
    public void The_same_files_mounted_elsewhere_are_the_same_run()
    {
        Plan("there").Compute(1, detector);
        Directory.Move(Images, Path.Combine(folder.Path, "mounted"));

        BulkScoring here = BulkScoring.Plan(Model, [Path.Combine(folder.Path, "mounted")], Store("here"));

        Assert.Equal(1, here.Merge(Store("there")));
        Assert.Equal([0], here.Missing());
    }

    [Fact]
    public void Results_of_another_run_are_refused_with_what_differs()
    {
        Plan("here");
        BulkScoring.Plan(OldFiles.Path("dn2.cobra"), [Images], Store("other model"));
        BulkScoring.Plan(Model, [Path.Combine(Images, "broken.png")], Store("other files"));

        Assert.Contains("model is ", Assert.Throws<ExperimentException>(() => Plan("here").Merge(Store("other model"))).Message, StringComparison.Ordinal);
        Assert.Contains("files is ", Assert.Throws<ExperimentException>(() => Plan("here").Merge(Store("other files"))).Message, StringComparison.Ordinal);
        Assert.Contains("Name another folder", Assert.Throws<ExperimentException>(() => Plan("other model")).Message, StringComparison.Ordinal);
        Assert.Contains("holds no scoring", Assert.Throws<ExperimentException>(() => Plan("here").Merge(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_stores_with_other_scores_of_one_piece_are_not_merged()
    {
        Plan("here").Compute(1, detector);
        Plan("there").Compute(1, detector);
        string file = Path.Combine(Store("there"), "pieces", "000001.json");
        File.WriteAllText(file, Regex.Replace(File.ReadAllText(file), "\"score\": [^,\\n]+", "\"score\": 1.5"));

        Assert.Contains("with different scores", Assert.Throws<ExperimentException>(() => Plan("here").Merge(Store("there"))).Message, StringComparison.Ordinal);

        File.WriteAllText(file, "{");
        Assert.Contains("is damaged", Assert.Throws<ExperimentException>(() => Plan("here").Merge(Store("there"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scoring_that_is_stopped_leaves_no_piece_behind()
    {
        BulkScoring planned = Plan("store");

        Assert.ThrowsAny<OperationCanceledException>(() => planned.Compute(0, detector, new CancellationToken(canceled: true)));

        Assert.Equal([0, 1], planned.Missing());
    }

    private string Store(string name) => Path.Combine(folder.Path, "stores", name);

    private BulkScoring Plan(string store) => BulkScoring.Plan(Model, [Images], Store(store));
}
