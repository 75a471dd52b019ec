using System.Diagnostics;
using CobraAD.Datasets;
using CobraAD.Losses;
using CobraAD.Mpi;
using CobraAD.Networks;
using CobraAD.Networks.Backbones;
using CobraAD.Optimization;
using CobraAD.PseudoAnomalies;
using CobraAD.Torch;
using CobraAD.Training;
using CobraAD.Training.Adversarial;
using CobraAD.Training.Parallel;
using CobraAD.Training.Segments;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Training;

/// <summary>
/// The epochs of one training, with the network, the optimiser and the pseudo-anomalies that they need. What it draws depends only on the seed and on where it stands, so a run that goes on from a checkpoint
/// takes the same steps as one that was never interrupted.
/// </summary>
internal sealed class CobraRun : IDisposable
{
    private const int TimedUpdates = 4;

    private const double LongUpdate = 5;

    private readonly CobraOptions options;
    private readonly ImageSet images;
    private readonly TrainingSession session;
    private readonly IRanks? ranks;
    private readonly TrainingInterruption unfinished;
    private readonly RandomStreams streams;
    private readonly LearningRateSchedule schedule;
    private readonly CobraStep step;
    private readonly WeightAverage? running;
    private readonly double? mirroredFarther;
    private readonly List<EpochSummary> history = [];
    private EpochTotals totals = EpochTotals.None;
    private double seconds;
    private bool released;

    /// <summary>A run at its beginning; it takes over the pseudo-anomalies and disposes them.</summary>
    public CobraRun(CobraOptions options, ImageSet images, PseudoAnomalySupply pseudoAnomalies, TrainingSession session)
    {
        this.options = options;
        this.images = images;
        this.session = session;
        ranks = session.Ranks is { Size: > 1 } several ? several : null;
        PseudoAnomalies = pseudoAnomalies;
        unfinished = new TrainingInterruption(session, "The training");
        streams = new RandomStreams(options.Seed);
        StepsPerEpoch = EpochOrder.StepsPerEpoch(images.Count, options.ItemsPerEpoch, options.BatchSize);
        schedule = options.Schedule;

        using Generator rng = streams.Create("weights");
        Network = new CobraNetwork(options.Network, rng);
        if (options.Init is not null) PackagedStart.CopyInto(Network.Encoder);
        Network.to(session.Device ?? CPU);
        Network.BFloat16 = options.Precision == TrainingPrecision.BFloat16;
        Optimizer = Optimizers.Create(options.Optimizer, Network.named_parameters());
        if (options.WeightAverageDecay > 0)
        {
            Average = new CobraNetwork(options.Network, rng);
            Average.to(session.Device ?? CPU);
            running = new WeightAverage(Average, Network, WeightAverage.Unbiased(options.WeightAverageDecay));
        }

        mirroredFarther = options.MirrorWhereAlike && options.Augmentation.FlipProbability > 0 ? MirrorCheck.Farther(images) : null;
        LightAugmentationOptions light = MirrorCheck.Allows(mirroredFarther) ? options.Augmentation : options.Augmentation with { FlipProbability = 0 };
        step = new CobraStep(
            Network, pseudoAnomalies, new LightAugmentation(light),
            new CobraObjective(ContrastiveLosses.Create(options.Contrastive), options.ClassificationWeight, Network.Projection.Members) { ConsistencyWeight = options.ConsistencyWeight },
            Optimizer, streams, options.MemoryLimit is { } limit ? PassMemory.RowsWithin(limit, Network.Encoder, images, BatchOfThisRank) : 0)
        {
            Ranks = ranks,
            WeightPerturbation = options.WeightPerturbation,
            SeparateStatistics = options.SeparateBatchStatistics,
            TrimmedShare = options.TrimmedShare,
            FirstVirtualEpoch = options.PseudoAnomalies.VirtualOutliers.FirstEpoch(options.Epochs),
        };
    }

    public CobraNetwork Network { get; }

    /// <summary>The running mean of the weights; <see langword="null"/> where the last ones are wanted.</summary>
    public CobraNetwork? Average { get; }

    public Optimizer Optimizer { get; }

    public PseudoAnomalySupply PseudoAnomalies { get; }

    public int StepsPerEpoch { get; }

    /// <summary>The most normal images of a step that this process computes.</summary>
    private int BatchOfThisRank => ranks is null ? options.BatchSize : (options.BatchSize + ranks.Size - 1) / ranks.Size;

    /// <summary>Where the run stands; setting it is how a checkpoint goes on.</summary>
    public TrainingPosition Position
    {
        get => new(history.Count, totals, [.. history], seconds);
        set
        {
            history.Clear();
            history.AddRange(value.History);
            totals = value.Totals;
            seconds = value.Seconds;
            if (running is not null) running.Steps = (long)history.Count * StepsPerEpoch + totals.Steps;
        }
    }

    /// <summary>Trains to the end.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; a checkpoint was written if the session has a place for it.</exception>
    /// <exception cref="TrainingDivergedException">The loss is not finite; the last checkpoint is kept.</exception>
    public void Complete()
    {
        while (history.Count < options.Epochs) RunEpoch(history.Count);
    }

    /// <summary>Seconds of an update of the last epoch, found by taking a few. The run is of no other use afterwards.</summary>
    internal double TimeUpdate()
    {
        InnerMaximization? attack = options.Attack is null ? null : new InnerMaximization(options.Attack.InEpoch(options.Epochs - 1, options.Epochs, []));
        EpochOrder order = new(images.Count, options.BatchSize, options.BatchSize, streams, epoch: 0);
        double seconds = double.PositiveInfinity;
        // The first update also makes what all later ones find made; where an update takes long, that is little of it.
        for (int update = 0; update < TimedUpdates && (update == 0 || seconds < LongUpdate); update++)
        {
            using Tensor batch = images.Batch(order.Batch(0), session.Device);
            long started = Stopwatch.GetTimestamp();
            // Step 0 of an epoch measures the attack besides.
            step.Run(batch, attack, schedule.At(0, StepsPerEpoch), epoch: 0, step: update + 1);
            seconds = Math.Min(seconds, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return seconds;
    }

    /// <summary>The loss of the last finished epoch's first batch in the network as that epoch left it: clean, and under the training's attack.</summary>
    internal (double Clean, double Attacked) Losses()
    {
        int epoch = history.Count - 1;
        InnerMaximization? attack = options.Attack is null
            ? null : new InnerMaximization(options.Attack.InEpoch(epoch, options.Epochs, history.SkipLast(1).Select(summary => summary.AttackStrength)));
        using Tensor batch = images.Batch(new EpochOrder(images.Count, options.ItemsPerEpoch, options.BatchSize, streams, epoch).Batch(0), session.Device);
        return step.Losses(batch, attack, epoch);
    }

    /// <summary>How the training went, for the detector's card.</summary>
    public CobraHealth Health()
    {
        using PseudoAnomalyState source = PseudoAnomalies.Export();
        return new CobraHealth(source.Record, [.. history], seconds) { MirroredFarther = mirroredFarther };
    }

    /// <summary>Hands the trained network over, which computes in float32 from now on: the run no longer disposes it.</summary>
    public CobraNetwork ReleaseNetwork()
    {
        released = true;
        CobraNetwork trained = Average ?? Network;
        trained.BFloat16 = false;
        if (Average is not null) Network.Dispose();
        return trained;
    }

    public void Dispose()
    {
        if (!released)
        {
            Network.Dispose();
            Average?.Dispose();
        }

        Optimizer.Dispose();
        PseudoAnomalies.Dispose();
    }

    private void RunEpoch(int epoch)
    {
        EpochOrder order = new(images.Count, options.ItemsPerEpoch, options.BatchSize, streams, epoch);
        InnerMaximization? attack = options.Attack is null
            ? null : new InnerMaximization(options.Attack.InEpoch(epoch, options.Epochs, history.Select(summary => summary.AttackStrength)));
        while (history.Count == epoch)
        {
            StopIfCancelled(epoch);
            long started = Stopwatch.GetTimestamp();
            PseudoAnomalyStatistics before = PseudoAnomalies.Statistics;
            double learningRate = schedule.At((long)epoch * StepsPerEpoch + totals.Steps, StepsPerEpoch);
            StepOutcome outcome;
            using (Tensor batch = images.Batch(order.Batch(totals.Steps), session.Device))
            {
                outcome = step.Run(batch, attack, learningRate, epoch, totals.Steps);
            }

            if (!double.IsFinite(outcome.Loss)) throw Diverged(epoch, outcome.Loss);
            running?.Update();
            double elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
            seconds += elapsed;
            totals = totals.Add(outcome, learningRate, elapsed, PseudoAnomalies.Statistics - before);
            if (totals.Steps < StepsPerEpoch) Report(epoch, outcome.Loss, null);
            else FinishEpoch(epoch, outcome.Loss);
        }
    }

    private void FinishEpoch(int epoch, double loss)
    {
        if (ranks is not null) RankedTraining.Agree(ranks, Network, Average);
        if (!TrainingInterruption.AreFinite(Network.state_dict())) throw Diverged(epoch, double.NaN);
        EpochSummary summary = totals.Summarize(epoch + 1);
        history.Add(summary);
        totals = EpochTotals.None;
        WriteCheckpoint();
        Report(epoch, loss, summary);
    }

    private void Report(int epoch, double loss, EpochSummary? finished) => session.Progress?.Report(new TrainingProgress(
        TrainingPhase.Network, (long)history.Count * StepsPerEpoch + totals.Steps, (long)options.Epochs * StepsPerEpoch, epoch + 1, loss, finished));

    private void StopIfCancelled(int epoch)
    {
        // A signal does not reach all ranks in the same step; they stop in the same one all the same.
        bool isCancelled = session.Cancellation.IsCancellationRequested;
        if (!(ranks?.Any(isCancelled) ?? isCancelled)) return;
        WriteCheckpoint();
        throw unfinished.Cancelled(epoch, options.Epochs, totals.Steps, StepsPerEpoch);
    }

    private void WriteCheckpoint()
    {
        if (session.CheckpointPath is not null && ranks is not { Rank: > 0 }) CobraCheckpoint.Write(session.CheckpointPath, this, options, images);
    }

    private TrainingDivergedException Diverged(int epoch, double loss) => unfinished.Diverged(loss, epoch, totals.Steps, options.LearningRate.Peak);
}

/// <summary>Where a training stands: finished epochs, and the sums of the one under way.</summary>
internal sealed record TrainingPosition(int Epoch, EpochTotals Totals, IReadOnlyList<EpochSummary> History, double Seconds);
