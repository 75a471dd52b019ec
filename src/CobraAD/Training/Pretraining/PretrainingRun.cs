using System.Diagnostics;
using CobraAD.Datasets;
using CobraAD.Networks;
using CobraAD.Optimization;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training.Pretraining;

/// <summary>
/// The epochs of one pretraining. What it draws depends only on the seed and on where it stands, so a run that goes on from a checkpoint
/// takes the same steps as one that was never interrupted.
/// </summary>
internal sealed class PretrainingRun : IDisposable
{
    private readonly PretrainingOptions options;
    private readonly LabelledImages data;
    private readonly TrainingSession session;
    private readonly TrainingInterruption unfinished;
    private readonly LearningRateSchedule schedule;
    private readonly int stepsPerEpoch;
    private readonly List<double> losses = [];
    private int steps;
    private double lossSum;
    private double seconds;

    public PretrainingRun(PretrainingOptions options, LabelledImages data, TrainingSession session)
    {
        this.options = options;
        this.data = data;
        this.session = session;
        unfinished = new TrainingInterruption(session, "The pretraining");
        Streams = new RandomStreams(options.Seed);
        stepsPerEpoch = EpochOrder.StepsPerEpoch(data.Train.Count, 0, options.BatchSize);
        schedule = options.Schedule;
        using Generator rng = Streams.Create("weights");
        Network = options.CreateNetwork(rng);
        Task = PretrainingTask.Create(options, Network, data.Classes.Count, rng);
        Network.to(Device);
        Task.Head.to(Device);
        Optimizer = Optimizers.Create(
            options.Optimizer,
            Network.named_parameters().Select(entry => ($"network.{entry.name}", entry.parameter)).Concat(Task.Head.named_parameters().Select(entry => ($"head.{entry.name}", entry.parameter))));
    }

    public FeatureNetwork Network { get; }

    public PretrainingTask Task { get; }

    public Optimizer Optimizer { get; }

    public RandomStreams Streams { get; }

    public Device Device => session.Device ?? CPU;

    /// <summary>Where the run stands; setting it is how a checkpoint goes on.</summary>
    public PretrainingPosition Position
    {
        get => new([.. losses], steps, lossSum, seconds);
        set
        {
            losses.Clear();
            losses.AddRange(value.Losses);
            (steps, lossSum, seconds) = (value.Steps, value.LossSum, value.Seconds);
        }
    }

    /// <summary>Trains to the end and leaves the network in evaluation mode.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; a checkpoint was written if the session has a place for it.</exception>
    /// <exception cref="TrainingDivergedException">The loss is not finite; the last checkpoint is kept.</exception>
    public void Complete()
    {
        using IDisposable tensorFloat32 = TensorFloat32.Train();
        Network.train();
        Task.Head.train();
        while (losses.Count < options.Epochs) RunEpoch(losses.Count);
        Network.eval();
        Task.Head.eval();
    }

    public void Dispose()
    {
        Network.Dispose();
        Task.Dispose();
        Optimizer.Dispose();
    }

    private void RunEpoch(int epoch)
    {
        EpochOrder order = new(data.Train.Count, 0, options.BatchSize, Streams, epoch);
        while (losses.Count == epoch)
        {
            StopIfCancelled(epoch);
            long started = Stopwatch.GetTimestamp();
            double loss = Step(order.Batch(steps), epoch);
            if (!double.IsFinite(loss)) throw Diverged(epoch, loss);
            lossSum += loss;
            steps++;
            seconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (steps == stepsPerEpoch) FinishEpoch(epoch);
            session.Progress?.Report(new TrainingProgress(
                TrainingPhase.Network, (long)losses.Count * stepsPerEpoch + steps, (long)options.Epochs * stepsPerEpoch, epoch + 1, loss, null));
        }
    }

    private double Step(ReadOnlySpan<long> chosen, int epoch)
    {
        using StepScope scope = new();
        long[] labels = new long[chosen.Length];
        for (int i = 0; i < labels.Length; i++) labels[i] = data.TrainLabels[(int)chosen[i]];
        Tensor loss = Task.Loss(data.Train.Batch(chosen, Device), tensor(labels, ScalarType.Int64, Device), Streams, epoch, steps);
        Optimizer.ZeroGradients();
        loss.backward();
        Optimizer.LearningRate = schedule.At((long)epoch * stepsPerEpoch + steps, stepsPerEpoch);
        Optimizer.Step();
        return loss.item<float>();
    }

    private void FinishEpoch(int epoch)
    {
        if (!TrainingInterruption.AreFinite(Network.state_dict(), Task.Head.state_dict())) throw Diverged(epoch, double.NaN);
        losses.Add(lossSum / stepsPerEpoch);
        (steps, lossSum) = (0, 0);
        WriteCheckpoint();
    }

    private void StopIfCancelled(int epoch)
    {
        if (!session.Cancellation.IsCancellationRequested) return;
        WriteCheckpoint();
        throw unfinished.Cancelled(epoch, options.Epochs, steps, stepsPerEpoch);
    }

    private void WriteCheckpoint()
    {
        if (session.CheckpointPath is not null) PretrainingCheckpoint.Write(session.CheckpointPath, this, options, data);
    }

    private TrainingDivergedException Diverged(int epoch, double loss) => unfinished.Diverged(loss, epoch, steps, options.LearningRate.Peak);
}

/// <summary>Where a pretraining stands.</summary>
/// <param name="Losses">Mean loss of each finished epoch.</param>
/// <param name="Steps">Steps taken of the epoch under way.</param>
/// <param name="LossSum">Sum of their losses.</param>
/// <param name="Seconds">Time so far.</param>
internal sealed record PretrainingPosition(IReadOnlyList<double> Losses, int Steps, double LossSum, double Seconds);
