using CobraAD.Datasets;
using CobraAD.Methods.Cobra;
using CobraAD.Mpi;
using CobraAD.Tests.Methods.Cobra;
using CobraAD.Tests.Mpi;
using CobraAD.Training;
using static TorchSharp.torch;

namespace CobraAD.Tests.Training.Parallel;

/// <summary>A whole training that ranks share: files, resuming, cancelling, and what is refused.</summary>
public sealed class SharedTrainingTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cobra-ranks-").FullName;
    private readonly ImageSet images = SmallTraining.Images();

    private string Checkpoint => Path.Combine(folder, "run.checkpoint");

    private static CobraOptions Options => SmallTraining.Options with { Epochs = 2 };

    public void Dispose()
    {
        images.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("ours")]
    [InlineData("vos")]
    public void All_ranks_get_one_detector_that_differs_from_that_of_one_rank_by_rounding(string source)
    {
        CobraOptions options = Options with { AnomalySource = source, PseudoAnomalies = Options.PseudoAnomalies with { VirtualOutliers = new() { QueueLength = 16 } } };
        using CobraDetector alone = new CobraTrainer(options).Train(images);
        double[] expected = Scores(alone);

        (byte[] Weights, double[] Scores, double Threshold)[] together = ThreadRanks.Run(2, ranks => Train(ranks, new TrainingSession(), options));

        Assert.Equal(together[0].Weights, together[1].Weights);
        Assert.Equal(together[0].Threshold, together[1].Threshold);
        Assert.All(expected.Zip(together[0].Scores), pair => Assert.Equal(pair.First, pair.Second, 2e-2));
    }

    [Fact]
    public void A_training_goes_on_with_another_number_of_ranks()
    {
        double[] expected = ThreadRanks.Run(2, ranks => Train(ranks, new TrainingSession()))[0].Scores;

        using CancellationTokenSource stop = new();
        OperationCanceledException stopped = Assert.ThrowsAny<OperationCanceledException>(() => ThreadRanks.Run(3, ranks => Train(ranks, new TrainingSession
        {
            CheckpointPath = ranks.Rank == 0 ? Checkpoint : null,
            // One rank alone gets the signal; all stop in the same step.
            Cancellation = ranks.Rank == 1 ? stop.Token : default,
            Progress = ranks.Rank == 1 ? new StopAfter(stop, 2) : null,
        })));
        double[] resumed = ThreadRanks.Run(2, ranks => Train(ranks, new TrainingSession { CheckpointPath = ranks.Rank == 0 ? Checkpoint : null, Resume = true }))[0].Scores;

        Assert.Contains("was stopped in epoch 1", stopped.Message, StringComparison.Ordinal);
        Assert.All(expected.Zip(resumed), pair => Assert.Equal(pair.First, pair.Second, 2e-2));
    }

    [Fact]
    public void A_rank_with_other_images_is_named()
    {
        using ImageSet others = SmallTraining.Images(seed: 2);

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => ThreadRanks.Run(2, ranks =>
        {
            using CobraDetector detector = new CobraTrainer(Options).Train(ranks.Rank == 1 ? others : images, new TrainingSession { Ranks = ranks });
            return 0;
        }));

        Assert.Contains("rank 1 on ", error.Message, StringComparison.Ordinal);
        Assert.Contains("other images", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_ranks_than_images_of_a_step_are_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => ThreadRanks.Run(9, ranks => Train(ranks, new TrainingSession())));

        Assert.Contains("raise it, or start fewer ranks", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("attack.batchStatistics")]
    [InlineData("separateBatchStatistics")]
    [InlineData("trimmedShare")]
    public void Passes_that_need_the_whole_batch_are_refused(string named)
    {
        CobraOptions options = named switch
        {
            "separateBatchStatistics" => Options with { SeparateBatchStatistics = true },
            "trimmedShare" => Options with { TrimmedShare = 0.1 },
            _ => Options with { Attack = Options.Attack! with { BatchStatistics = true } },
        };

        NotSupportedException error = Assert.Throws<NotSupportedException>(() => ThreadRanks.Run(2, ranks =>
        {
            using CobraDetector detector = new CobraTrainer(options).Train(images, new TrainingSession { Ranks = ranks });
            return 0;
        }));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    private (byte[] Weights, double[] Scores, double Threshold) Train(IRanks ranks, TrainingSession session, CobraOptions? options = null)
    {
        using CobraDetector detector = new CobraTrainer(options ?? Options).Train(images, session with { Ranks = ranks });
        return (SmallTraining.Weights(detector.Network), Scores(detector), detector.Threshold!.Value);
    }

    private double[] Scores(CobraDetector detector)
    {
        using var scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        return [.. detector.Score(images.Batch(0, images.Count)).to(float64).data<double>().ToArray()];
    }

    private sealed class StopAfter(CancellationTokenSource source, int steps) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Phase == TrainingPhase.Network && value.Done == steps) source.Cancel();
        }
    }
}
