using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Optimization;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Torch;
using CobraAD.Training;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Cobra;

public sealed class CobraTrainerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cobra-training-").FullName;
    private readonly ImageSet images = SmallTraining.Images();

    private string Checkpoint => Path.Combine(folder, "run.checkpoint");

    public void Dispose()
    {
        images.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(0.5, false)]
    [InlineData(1.6, true)]
    public void Bfloat16_is_refused_with_its_reason_where_it_is_slower(double ratio, bool refused)
    {
        Exception? error = Record.Exception(() => CobraTrainer.RequireGain(new BFloat16Trial(Float32: 2, BFloat16: 2 * ratio)));

        Assert.Equal(refused, error is NotSupportedException);
        if (refused) Assert.Contains("1.6 times as long as in float32", error!.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_training_in_bfloat16_has_float32_weights_and_almost_the_same_losses()
    {
        Skip.If(BFloat16Trial.OfThisProcessor.Ratio >= 1, "bfloat16 is slower than float32 on this processor, so the trainer refuses it.");
        CobraOptions options = SmallTraining.Options with { Epochs = 1, PseudoAnomalies = SmallTraining.Options.PseudoAnomalies with { Filter = false } };

        using CobraDetector exact = new CobraTrainer(options).Train(images);
        using CobraDetector rounded = new CobraTrainer(options with { Precision = TrainingPrecision.BFloat16 }).Train(images);
        using CobraDetector again = new CobraTrainer(options with { Precision = TrainingPrecision.BFloat16 }).Train(images);

        EpochSummary wanted = exact.Card.Health.Epochs[0], found = rounded.Card.Health.Epochs[0];
        Assert.NotEqual(wanted.Loss, found.Loss);
        Assert.InRange(found.Loss, 0.95 * wanted.Loss, 1.05 * wanted.Loss);
        Assert.InRange(found.AttackGain, 0.7 * wanted.AttackGain, 1.3 * wanted.AttackGain);
        Assert.Equal(TrainingPrecision.BFloat16, rounded.Card.Options.Precision);
        Assert.Equal(SmallTraining.Weights(rounded.Network), SmallTraining.Weights(again.Network));
        Assert.False(rounded.Network.BFloat16);
        Assert.All(rounded.Network.parameters(), parameter => Assert.Equal(ScalarType.Float32, parameter.dtype));
    }

    [Fact]
    public void Same_seed_gives_the_same_weights_bank_and_threshold_to_the_bit()
    {
        using CobraDetector first = new CobraTrainer(SmallTraining.Options).Train(images);
        using CobraDetector second = new CobraTrainer(SmallTraining.Options).Train(images);

        Assert.Equal(SmallTraining.Weights(first.Network), SmallTraining.Weights(second.Network));
        Assert.Equal(first.Bank.Embeddings.data<float>().ToArray(), second.Bank.Embeddings.data<float>().ToArray());
        Assert.Equal(first.Threshold, second.Threshold);
    }

    [Fact]
    public void Another_seed_gives_other_weights()
    {
        using CobraDetector first = new CobraTrainer(SmallTraining.Options with { Epochs = 2 }).Train(images);
        using CobraDetector second = new CobraTrainer(SmallTraining.Options with { Epochs = 2, Seed = 12 }).Train(images);

        Assert.NotEqual(SmallTraining.Weights(first.Network), SmallTraining.Weights(second.Network));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(6)]
    public void Cancelled_after_any_step_and_resumed_it_ends_with_the_same_weights(int steps)
    {
        using CobraDetector whole = new CobraTrainer(SmallTraining.Options).Train(images);
        string message = Interrupt(SmallTraining.Options, steps);
        using CobraDetector resumed = Resume(SmallTraining.Options);

        Assert.Contains(Checkpoint, message, StringComparison.Ordinal);
        Assert.Equal(SmallTraining.Weights(whole.Network), SmallTraining.Weights(resumed.Network));
        Assert.Equal(whole.Threshold, resumed.Threshold);
        Assert.Equal(whole.Card.Health.Epochs.Select(epoch => epoch.Loss), resumed.Card.Health.Epochs.Select(epoch => epoch.Loss));
    }

    [Fact]
    public void The_running_mean_of_the_weights_is_what_is_scored_with_and_survives_an_interruption()
    {
        CobraOptions options = SmallTraining.Options with { WeightAverageDecay = 0.8 };
        using CobraDetector last = new CobraTrainer(SmallTraining.Options).Train(images), whole = new CobraTrainer(options).Train(images);
        Interrupt(options, steps: 4);
        using CobraDetector resumed = Resume(options);

        Assert.NotEqual(SmallTraining.Weights(last.Network), SmallTraining.Weights(whole.Network));
        Assert.Equal(SmallTraining.Weights(whole.Network), SmallTraining.Weights(resumed.Network));
        // The mean is taken beside the training, which goes the same way.
        Assert.Equal(last.Card.Health.Epochs.Select(epoch => epoch.Loss), whole.Card.Health.Epochs.Select(epoch => epoch.Loss));
    }

    [Theory]
    [MemberData(nameof(OtherUpdates))]
    public void Updates_beyond_the_paper_are_other_updates_and_the_same_again(CobraOptions options)
    {
        CobraOptions plain = SmallTraining.Options with { MemoryLimit = options.MemoryLimit };

        using CobraDetector without = new CobraTrainer(plain).Train(images), first = new CobraTrainer(options).Train(images), second = new CobraTrainer(options).Train(images);

        Assert.NotEqual(SmallTraining.Weights(without.Network), SmallTraining.Weights(first.Network));
        Assert.Equal(SmallTraining.Weights(first.Network), SmallTraining.Weights(second.Network));
    }

    public static TheoryData<CobraOptions> OtherUpdates => new(
        SmallTraining.Options with { WeightPerturbation = 0.01 },
        SmallTraining.Options with { WeightPerturbation = 0.01, MemoryLimit = 64 << 20 },
        SmallTraining.Options with { SeparateBatchStatistics = true },
        SmallTraining.Options with { ConsistencyWeight = 2 },
        SmallTraining.Options with { ConsistencyWeight = 2, MemoryLimit = 64 << 20 },
        SmallTraining.Options with { TrimmedShare = 0.2 },
        SmallTraining.Options with { TrimmedShare = 0.2, MemoryLimit = 64 << 20 });

    [Fact]
    public void The_paper_s_epochs_of_few_images_are_announced_as_few_updates_unless_images_are_repeated()
    {
        CobraOptions paper = CobraPresets.Get("paper", 16);

        Assert.Contains("100 epochs of 28 images are 100 updates", new CobraMethod().Announce(paper, images), StringComparison.Ordinal);
        Assert.Null(new CobraMethod().Announce(paper with { ItemsPerEpoch = 10_000 }, images));
        Assert.Null(new CobraMethod().Announce(CobraPresets.Get("tiny", 16), images));
    }

    [Fact]
    public void Networks_side_by_side_are_trained_saved_loaded_and_resumed_as_one()
    {
        CobraOptions options = SmallTraining.Options with { Network = SmallTraining.Options.Network with { Members = 2 } };
        string path = Path.Combine(folder, "two.cobra");

        using CobraDetector whole = new CobraTrainer(options).Train(images);
        Interrupt(options, steps: 4);
        using CobraDetector resumed = Resume(options);
        whole.Save(path);
        using CobraDetector loaded = CobraDetector.Load(path);

        Assert.Equal(32, whole.Bank.Dimension);
        Assert.Equal(SmallTraining.Weights(whole.Network), SmallTraining.Weights(resumed.Network));
        Assert.Equal(SmallTraining.Weights(whole.Network), SmallTraining.Weights(loaded.Network));
        Assert.Equal(whole.ScoreAll(images), loaded.ScoreAll(images));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public void A_number_of_members_that_makes_no_sense_is_refused(int members) =>
        Assert.Throws<ArgumentOutOfRangeException>((SmallTraining.Options with { Network = SmallTraining.Options.Network with { Members = members } }).Validate);

    [Fact]
    public void Statistics_apart_need_an_attack_and_the_whole_batch_at_once()
    {
        CobraOptions apart = SmallTraining.Options with { SeparateBatchStatistics = true };

        Assert.Contains("SeparateBatchStatistics", Assert.Throws<ArgumentOutOfRangeException>((apart with { Attack = null }).Validate).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>((apart with { MemoryLimit = 1 << 30 }).Validate);
        Assert.Throws<ArgumentOutOfRangeException>((apart with { WeightPerturbation = 1 }).Validate);
        Assert.Throws<ArgumentOutOfRangeException>((SmallTraining.Options with { Attack = null, ConsistencyWeight = 1 }).Validate);
        Assert.Throws<ArgumentOutOfRangeException>((SmallTraining.Options with { TrimmedShare = 0.6 }).Validate);
        apart.Validate();
    }

    [Fact]
    public void Killed_in_the_middle_of_an_epoch_and_resumed_it_ends_with_the_same_weights()
    {
        using CobraDetector whole = new CobraTrainer(SmallTraining.Options).Train(images);
        // An exception out of the middle of an epoch leaves what kill -9 leaves: the checkpoint of the last whole epoch.
        StepProgress crash = new(step =>
        {
            if (step == 5) throw new InvalidOperationException("power cut");
        });

        Assert.Throws<InvalidOperationException>(() => new CobraTrainer(SmallTraining.Options).Train(images, new TrainingSession { CheckpointPath = Checkpoint, Progress = crash }));
        using CobraDetector resumed = Resume(SmallTraining.Options);

        Assert.Equal(SmallTraining.Weights(whole.Network), SmallTraining.Weights(resumed.Network));
    }

    [Fact]
    public void Resuming_with_another_option_names_it()
    {
        new CobraTrainer(SmallTraining.Options with { Epochs = 1 }).Train(images, new TrainingSession { CheckpointPath = Checkpoint }).Dispose();

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => new CobraTrainer(SmallTraining.Options with { Epochs = 1, BatchSize = 16 }).Train(
            images, new TrainingSession { CheckpointPath = Checkpoint, Resume = true }));

        Assert.Contains("batchSize is 16, was 8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resuming_with_other_images_is_refused()
    {
        new CobraTrainer(SmallTraining.Options with { Epochs = 1 }).Train(images, new TrainingSession { CheckpointPath = Checkpoint }).Dispose();
        using ImageSet others = SmallTraining.Images(seed: 2);

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => new CobraTrainer(SmallTraining.Options with { Epochs = 1 }).Train(
            others, new TrainingSession { CheckpointPath = Checkpoint, Resume = true }));

        Assert.Contains("other images", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_diverging_run_stops_and_keeps_the_last_good_checkpoint()
    {
        CobraOptions explosive = SmallTraining.Options with
        {
            Epochs = 6,
            Optimizer = new OptimizerOptions { Name = "sgd", Momentum = 0.99 },
            LearningRate = new LearningRateSchedule { Peak = 100, WarmUpStart = 0, WarmUpEpochs = 1 },
        };

        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => new CobraTrainer(explosive).Train(images, new TrainingSession { CheckpointPath = Checkpoint }));

        Assert.Contains("learning rate", error.Message, StringComparison.Ordinal);
        Assert.Contains(Checkpoint, error.Message, StringComparison.Ordinal);
        using ModelArchive kept = ModelArchive.Read(Checkpoint);
        Assert.All(kept.Group("network").Values, tensor => Assert.True(tensor.isfinite().all().item<bool>()));
    }

    [Fact]
    public void Saved_and_loaded_it_scores_the_same_to_the_bit()
    {
        string path = Path.Combine(folder, "model.cobra");
        using CobraDetector detector = new CobraTrainer(SmallTraining.Options with { Epochs = 1 }).Train(images);
        detector.Save(path);

        using CobraDetector loaded = CobraDetector.Load(path), mapped = CobraModelFile.Read(path, CPU, largestRead: 0);

        Assert.Equal(detector.ScoreAll(images), loaded.ScoreAll(images));
        Assert.Equal(detector.ScoreAll(images), mapped.ScoreAll(images));
        Assert.Equal(detector.Card.Calibration, loaded.Card.Calibration);
        Assert.Equal(CobraJson.ToNode(detector.Card.Options)!.ToJsonString(), CobraJson.ToNode(loaded.Card.Options)!.ToJsonString());
    }

    [Fact]
    public void Another_bank_gives_other_scores_and_a_threshold_of_its_own()
    {
        string path = Path.Combine(folder, "bank.safetensors");
        using CobraDetector detector = new CobraTrainer(SmallTraining.Options with { Epochs = 1 }).Train(images);
        using Tensor batch = images.Batch(0, 5);
        using (no_grad()) EmbeddingBank.Write(path, 5, (int)detector.Bank.Dimension, [detector.Network.Embed(batch)]);

        detector.ReplaceBank(EmbeddingBank.Open(path), images, 0.2);

        double[] scores = detector.ScoreAll(images);
        Assert.All(scores[..5], score => Assert.Equal(-1, score, 1e-5));
        Assert.Equal([0L, 1, 2, 3, 4], detector.NearestTrainingImages(batch));
        Assert.InRange(scores.Count(score => score > detector.Threshold), 1, images.Count / 5 + 1);
        using EmbeddingBank narrow = new(ones(3, 2)), broken = new(full([1, detector.Bank.Dimension], float.NaN));
        Assert.Throws<ArgumentException>("bank", () => detector.ReplaceBank(narrow, images, 0.2));
        Assert.Throws<ArgumentException>(() => detector.ReplaceBank(broken, images, 0.2));
        Assert.Equal(scores, detector.ScoreAll(images));
    }

    [Theory]
    [InlineData(CobraScore.Similarity)]
    [InlineData(CobraScore.Classifier)]
    [InlineData(CobraScore.Sum)]
    [InlineData(CobraScore.InnerProduct)]
    [InlineData(CobraScore.Smooth)]
    [InlineData(CobraScore.Center)]
    [InlineData(CobraScore.Trimmed)]
    [InlineData(CobraScore.LogOdds)]
    [InlineData(CobraScore.SmoothAndLogOdds)]
    [InlineData(CobraScore.Auto)]
    public void Every_score_is_finite_differentiable_and_independent_of_the_batch(CobraScore score)
    {
        using CobraDetector detector = new CobraTrainer(SmallTraining.Options with { Epochs = 1, Score = score }).Train(images);
        using var scope = NewDisposeScope();
        Tensor batch = images.Batch(0, 6).requires_grad_();

        Tensor scores = detector.Score(batch);
        autograd.backward([scores.sum()], inputs: [batch]);

        Assert.True(scores.isfinite().all().item<bool>());
        Assert.True(batch.grad!.flatten(1).abs().max(1).values.gt(0).all().item<bool>());
        Assert.All(detector.Surrogates, surrogate => Assert.True(surrogate.Score(batch.detach()).isfinite().all().item<bool>()));
        double alone = detector.Score(images.Batch(3, 1)).to(ScalarType.Float64).item<double>();
        Assert.Equal(scores[3].to(ScalarType.Float64).item<double>(), alone, 1e-6);
    }

    [Fact]
    public void A_training_image_is_its_own_nearest_neighbour()
    {
        CobraOptions options = SmallTraining.Options with { Epochs = 1, Calibration = new CalibrationOptions { Minimum = 20 } };
        using CobraDetector detector = new CobraTrainer(options).Train(images);
        using Tensor batch = images.Batch(0, images.Count);

        long[] nearest = detector.NearestTrainingImages(batch);

        Assert.Equal(Enumerable.Range(0, images.Count).Select(i => (long)i), nearest);
        Assert.False(detector.Card.Calibration.HeldOut);
    }

    [Fact]
    public void Training_without_attack_works_and_says_so()
    {
        using CobraDetector detector = new CobraTrainer(SmallTraining.Options with { Epochs = 1, Attack = null }).Train(images);

        Assert.Equal(0, detector.Card.Health.Epochs[0].AttackGain);
        Assert.Contains("without attack", detector.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void Fewer_than_eight_images_are_refused()
    {
        using ImageSet few = SmallTraining.Images(count: 7);

        ArgumentException error = Assert.Throws<ArgumentException>(() => new CobraTrainer(SmallTraining.Options).Train(few));

        Assert.Contains("at least 8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_leaves_no_tensor_behind()
    {
        new CobraTrainer(SmallTraining.Options with { Epochs = 1 }).Train(images).Dispose();
        long before = TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        new CobraTrainer(SmallTraining.Options with { Epochs = 2 }).Train(images).Dispose();

        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_training_that_fails_at_its_end_leaves_no_tensor_behind()
    {
        CobraOptions options = SmallTraining.Options with { Epochs = 1 };
        TrainingSession session = new() { Progress = new Calibrated(() => throw new InvalidOperationException("power cut")) };
        new CobraTrainer(options).Train(images).Dispose();

        LeavesNothing<InvalidOperationException>(() => new CobraTrainer(options).Train(images, session));
    }

    [Fact]
    public void A_model_file_whose_weights_do_not_fit_is_refused_and_leaves_no_tensor_behind()
    {
        string path = Path.Combine(folder, "model.cobra");
        CobraOptions options = SmallTraining.Options with { Epochs = 1 };
        using (CobraDetector detector = new CobraTrainer(options).Train(images)) detector.Save(path);
        CobraDetector.Load(path).Dispose();
        Rewrite(path, manifest => manifest with { Options = CobraJson.ToNode(options with { Network = options.Network with { EmbeddingSize = 8 } }) }, "none");

        LeavesNothing<ModelFormatException>(() => CobraDetector.Load(path));
    }

    [Fact]
    public void A_checkpoint_without_the_optimiser_s_memory_is_refused_and_leaves_no_tensor_behind()
    {
        CobraOptions options = SmallTraining.Options with { Epochs = 1 };
        TrainingSession session = new() { CheckpointPath = Checkpoint, Resume = true };
        new CobraTrainer(options).Train(images, session).Dispose();
        Rewrite(Checkpoint, manifest => manifest, "optimizer");

        LeavesNothing<ModelFormatException>(() => new CobraTrainer(options).Train(images, session));
    }

    [Fact]
    public void A_model_is_no_checkpoint_and_the_error_says_what_to_do()
    {
        CobraOptions options = SmallTraining.Options with { Epochs = 1 };
        using (CobraDetector detector = new CobraTrainer(options).Train(images)) detector.Save(Checkpoint);

        ModelFormatException error = Assert.Throws<ModelFormatException>(() =>
            new CobraTrainer(options).Train(images, new TrainingSession { CheckpointPath = Checkpoint, Resume = true }));

        Assert.Contains("Start without --resume", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Cancels a training after so many steps and gives what it said.</summary>
    private string Interrupt(CobraOptions options, int steps)
    {
        using CancellationTokenSource stop = new();
        StepProgress progress = new(step =>
        {
            if (step == steps) stop.Cancel();
        });
        return Assert.Throws<OperationCanceledException>(() => new CobraTrainer(options).Train(
            images, new TrainingSession { CheckpointPath = Checkpoint, Progress = progress, Cancellation = stop.Token })).Message;
    }

    private CobraDetector Resume(CobraOptions options) => new CobraTrainer(options).Train(images, new TrainingSession { CheckpointPath = Checkpoint, Resume = true });

    /// <summary>Writes a file again with another manifest, and without one of its groups of tensors.</summary>
    private static void Rewrite(string path, Func<ModelManifest, ModelManifest> change, string without)
    {
        using ModelArchive archive = ModelArchive.Read(path);
        ModelArchive.Write(path, change(archive.Manifest), archive.Groups.Where(group => group.Key != without).ToDictionary());
    }

    private static void LeavesNothing<TException>(Action fails)
        where TException : Exception
    {
        long before = TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        Assert.Throws<TException>(fails);

        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    private sealed class Calibrated(Action then) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value is { Phase: TrainingPhase.Calibration, Done: 1 }) then();
        }
    }

    private sealed class StepProgress(Action<long> afterStep) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Phase == TrainingPhase.Network) afterStep(value.Done);
        }
    }
}
