using System.Diagnostics;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Cobra.Choice;
using CobraAD.Methods.Cobra.Scores;
using CobraAD.Networks;
using CobraAD.Serialization;
using CobraAD.Torch;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Cobra.Choice;

/// <summary>The choice of the score from good images.</summary>
public sealed class ScoreChooserTests : IDisposable
{
    private readonly ImageSet images = SmallTraining.Images(count: 40);

    public void Dispose() => images.Dispose();

    [Fact]
    public void The_card_says_what_was_chosen_and_how_every_candidate_did()
    {
        using CobraDetector detector = new CobraTrainer(SmallTraining.Options with { Epochs = 1, Score = CobraScore.Auto }).Train(images);
        ScoreChoice choice = detector.Card.Health.Score!;

        Assert.NotEqual(CobraScore.Auto, detector.Card.Score);
        Assert.NotEqual(CobraScore.LogOdds, detector.Card.Score);
        Assert.Equal(CobraScore.Auto, detector.Card.Options.Score);
        Assert.Equal(9, choice.Candidates.Count);
        Assert.Equal(detector.Form.Name, choice.Candidates[0].Name);
        Assert.All(choice.Candidates, candidate => Assert.All(candidate.Kinds, kind => Assert.InRange(kind.Attacked, 0, kind.Clean)));
        Assert.Equal(0, choice.Candidates.Single(candidate => candidate.Name == new SmoothSimilarity(1).Name).Error);
        Assert.All(choice.Candidates, candidate => Assert.InRange(candidate.Error!.Value, 0, 0.2));
        // The best was attacked itself, and so were those that it must beat.
        Assert.False(choice.Candidates[0].IsBound);
        Assert.All((string[])[new Similarity().Name, new SmoothSimilarity(1).Name], name => Assert.False(choice.Candidates.Single(candidate => candidate.Name == name).IsBound));
        // The others must be better than the usual score by more than chance.
        Assert.Equal(choice.Candidates.Skip(1).Select(Sure).OrderDescending(), choice.Candidates.Skip(1).Select(Sure));

        static double Sure(ScoreCandidate candidate) => candidate.Worst - 2.5 * candidate.Error!.Value;
    }

    [Fact]
    public void The_same_seed_chooses_the_same_and_a_saved_model_keeps_the_choice()
    {
        CobraOptions options = SmallTraining.Options with { Epochs = 1, Score = CobraScore.Auto };
        using TemporaryFolder folder = new();
        using CobraDetector first = new CobraTrainer(options).Train(images), second = new CobraTrainer(options).Train(images);

        first.Save(folder.File("m.cobra"));
        using CobraDetector loaded = CobraDetector.Load(folder.File("m.cobra"));

        Assert.Equal(Json(first.Card.Health.Score!), Json(second.Card.Health.Score!));
        Assert.Equal(first.Card.Score, loaded.Card.Score);
        Assert.Equal(first.ScoreAll(images), loaded.ScoreAll(images));
    }

    [Fact]
    public void A_score_that_is_named_is_not_questioned_but_its_open_constants_are_settled()
    {
        using CobraDetector detector = new CobraTrainer(SmallTraining.Options with { Epochs = 1, Score = CobraScore.SmoothAndLogOdds }).Train(images);

        Assert.Empty(detector.Card.Health.Score!.Candidates);
        Assert.True(detector.Card.ScoreConstants.LogOddsWeight > 0);
        Assert.Null(detector.Card.Options.ScoreConstants.LogOddsWeight);
    }

    [Fact]
    public void A_training_without_a_classifier_is_not_offered_its_scores()
    {
        CobraOptions options = SmallTraining.Options with { Epochs = 1, Score = CobraScore.Auto, ClassificationWeight = 0 };
        using CobraDetector detector = new CobraTrainer(options).Train(images);

        Assert.DoesNotContain(detector.Card.Health.Score!.Candidates, candidate => candidate.Name.Contains("log-odds", StringComparison.Ordinal));
    }

    [Fact]
    public void Constants_that_are_set_are_among_the_candidates()
    {
        CobraOptions options = SmallTraining.Options with { Epochs = 1, Score = CobraScore.Auto, ScoreConstants = new CobraScoreConstants { Temperature = 0.5, Centers = 2 } };
        using CobraDetector detector = new CobraTrainer(options).Train(images);

        string[] names = [.. detector.Card.Health.Score!.Candidates.Select(candidate => candidate.Name)];
        Assert.Equal(11, names.Length);
        Assert.Contains(new SmoothSimilarity(0.5).Name, names);
        Assert.Contains(new CenterSimilarity(2).Name, names);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Too_few_images_to_keep_any_are_judged_by_a_part_of_the_bank_that_lacks_them(int kept)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        using CobraNetwork network = new(SmallTraining.Options.Network, rng);
        network.eval();
        using ImageSet heldOut = images.Subset([.. Enumerable.Range(0, kept)]), two = images.Subset([0, 1]);
        using EmbeddingBank bank = EmbeddingBank.Of(network, images, CPU), other = EmbeddingBank.Of(network, two, CPU);
        CobraOptions options = SmallTraining.Options with { Score = CobraScore.Auto };

        ScoreChoice choice = new ScoreChooser(options, network, bank).Choose(images, kept == 0 ? null : heldOut, CPU);

        // An image compared with itself has cosine 1: every anomaly would lie above every good image. So the whole bank is not asked.
        Assert.Contains(choice.Candidates, candidate => candidate.Kinds.Any(kind => kind.Clean < 1));
        Assert.Equal(Json(choice), Json(new ScoreChooser(options, network, other).Choose(images, null, CPU)));
    }

    [Fact]
    public void Without_an_attack_nothing_is_climbed_and_scores_are_compared_as_they_are()
    {
        CobraOptions options = SmallTraining.Options with { Epochs = 1, Score = CobraScore.Auto, Attack = null };
        using CobraDetector detector = new CobraTrainer(options).Train(images);

        Assert.Equal(0, ScoreChooser.Climbs(options));
        Assert.All(detector.Card.Health.Score!.Candidates, candidate => Assert.All(candidate.Kinds, kind => Assert.Equal(kind.Clean, kind.Attacked)));
        Assert.DoesNotContain(detector.Card.Health.Score.Candidates, candidate => candidate.IsBound);
    }

    [Fact]
    public void Of_scores_that_are_alike_the_usual_one_is_taken()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        using CobraNetwork network = new(SmallTraining.Options.Network, rng);
        network.eval();
        // One embedding for everything: no score tells anything from anything.
        using (no_grad()) foreach (var parameter in network.Encoder.parameters()) parameter.zero_();
        using EmbeddingBank bank = EmbeddingBank.Of(network, images, CPU);

        ScoreChoice choice = new ScoreChooser(SmallTraining.Options with { Score = CobraScore.Auto }, network, bank).Choose(images, images, CPU);

        Assert.Equal((CobraScore.Smooth, 1), (choice.Score, choice.Constants.Temperature));
    }

    [Fact]
    public void Its_climbs_are_counted_and_it_can_be_stopped_between_them_and_resumed()
    {
        CobraOptions options = SmallTraining.Options with { Epochs = 1, Score = CobraScore.Auto };
        using TemporaryFolder folder = new();
        using CancellationTokenSource stop = new();
        List<TrainingProgress> told = [];
        TrainingSession session = new()
        {
            CheckpointPath = folder.File("m.checkpoint"),
            Cancellation = stop.Token,
            Progress = new Told(value =>
            {
                if (value.Phase == TrainingPhase.Choice) told.Add(value);
                if (told.Count == 5) stop.Cancel();
            }),
        };

        OperationCanceledException stopped = Assert.Throws<OperationCanceledException>(() => new CobraTrainer(options).Train(images, session));
        told.Clear();
        using CobraDetector resumed = new CobraTrainer(options).Train(images, session with { Cancellation = default, Resume = true, Progress = new Told(value => told.Add(value)) });

        Assert.Contains(session.CheckpointPath, stopped.Message, StringComparison.Ordinal);
        TrainingProgress[] choice = [.. told.Where(value => value.Phase == TrainingPhase.Choice)];
        Assert.Equal(Enumerable.Range(0, choice.Length - 1).Select(done => (long)done).Append(9 * 6 + 1), choice.Select(value => value.Done));
        Assert.All(choice, value => Assert.Equal(9 * 6 + 1, value.Total));
        Assert.Equal(resumed.Card.Health.Score!.Candidates.Count(candidate => !candidate.IsBound) * (1 + resumed.Card.Health.Score.Candidates[0].Kinds.Count), choice[^2].Done);
    }

    [Fact]
    public void Its_time_is_known_beforehand()
    {
        using Generator rng = new(1, CPU);
        using CobraNetwork network = new(SmallTraining.Options.Network, rng);
        network.eval();
        using EmbeddingBank bank = EmbeddingBank.Of(network, images, CPU);
        ScoreChooser chooser = new(SmallTraining.Options with { Score = CobraScore.Auto }, network, bank);
        chooser.Seconds(images, CPU);

        double expected = chooser.Seconds(images, CPU);
        long started = Stopwatch.GetTimestamp();
        chooser.Choose(images, null, CPU);

        // On a machine that others use only the order of magnitude is sure.
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds / expected, 0.1, 10);
    }

    [Fact]
    public void Every_point_that_one_climb_reaches_counts_for_all_scores()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU), same = new(1, CPU);
        using CobraNetwork network = new(SmallTraining.Options.Network, rng);
        network.eval();
        using EmbeddingBank bank = EmbeddingBank.Of(network, images, CPU);
        ScoreForm[] forms = [new Similarity(), new CenterSimilarity(1)];
        Tensor batch = images.Batch(0, 8);

        Tensor together = new SharedAscent(network, bank, forms).Worst(batch, +1, 8 / 255.0, 6, rng);
        Tensor clean = new SharedAscent(network, bank, forms).Scores(batch);
        Tensor lowered = new SharedAscent(network, bank, forms).Worst(batch, -1, 8 / 255.0, 6, same);

        Assert.True(together.ge(clean).all().item<bool>());
        Assert.True(lowered.le(clean).all().item<bool>());
        Assert.True((together - clean).mean().item<double>() > 0);
        Assert.True((clean - lowered).mean().item<double>() > 0);
    }

    [Fact]
    public void Kinds_of_anomalies_reach_from_hard_transforms_to_local_changes()
    {
        using Tensor normals = images.Batch(0, 12);

        IReadOnlyList<(string Kind, Tensor Images)> kinds = CraftedKinds.Of(normals, areGrey: false, SmallTraining.Options.PseudoAnomalies, new RandomStreams(3));

        Assert.Equal(5, kinds.Count);
        Assert.All(kinds, kind =>
        {
            using (kind.Images)
            {
                Assert.Equal(normals.shape, kind.Images.shape);
                double changed = kind.Images.ne(normals).to(ScalarType.Float32).mean().item<float>();
                Assert.InRange(changed, 0.0001, 1);
            }
        });
    }

    private static string Json(ScoreChoice choice) => CobraJson.ToNode(choice)!.ToJsonString();

    private sealed class Told(Action<TrainingProgress> then) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => then(value);
    }
}
