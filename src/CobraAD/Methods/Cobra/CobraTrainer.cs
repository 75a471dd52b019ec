using System.Globalization;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Cobra.Choice;
using CobraAD.Methods.Cobra.Training;
using CobraAD.Networks;
using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.Torch;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra;

/// <summary>Trains a COBRA detector on good images.</summary>
/// <param name="options">What the training does; checked by <see cref="Train"/>.</param>
internal sealed class CobraTrainer(CobraOptions options)
{
    /// <summary>Trains, builds the bank and sets the threshold.</summary>
    /// <param name="images">Good images only; at least 8.</param>
    /// <param name="session">Device, progress, checkpoints and cancellation; none of them changes the result.</param>
    /// <returns>The detector; the caller disposes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="ArgumentException">There are too few images.</exception>
    /// <exception cref="NotSupportedException">The options ask for bfloat16, which is slower than float32 on this CPU.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the message says how to go on.</exception>
    /// <exception cref="TrainingDivergedException">The loss was no longer finite.</exception>
    /// <exception cref="Serialization.ModelFormatException">The checkpoint to resume from is damaged.</exception>
    /// <exception cref="InvalidOperationException">The checkpoint to resume from belongs to other options or images.</exception>
    public CobraDetector Train(ImageSet images, TrainingSession? session = null) => (CobraDetector)new CobraMethod().Train(options with { Tiles = null }, images, session);

    /// <summary>Checks that a training with these options makes sense on a device, as <see cref="Train"/> does. For bfloat16 on a CPU that takes a short trial.</summary>
    /// <param name="device">Where it is to run.</param>
    /// <exception cref="NotSupportedException">
    /// <see cref="CobraOptions.Precision"/> is <see cref="TrainingPrecision.BFloat16"/>, and this processor computes in float32 faster.
    /// </exception>
    public void RequireFit(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (options.Precision == TrainingPrecision.BFloat16 && device.type == DeviceType.CPU) RequireGain(BFloat16Trial.OfThisProcessor);
    }

    /// <summary>A training that is less exact must at least be faster.</summary>
    internal static void RequireGain(BFloat16Trial trial)
    {
        if (trial.Ratio < 1) return;
        throw new NotSupportedException(string.Create(
            CultureInfo.InvariantCulture,
            $"Training in bfloat16 (bf16) would be slower on this processor: a convolution takes {trial.Ratio:0.0} times as long as in float32, and is less exact. Use float32 (fp32), or a CUDA device."));
    }

    /// <summary>The training itself, between the choice of its images and the threshold. The caller disposes the detector.</summary>
    /// <param name="images">All images, which the detector's card describes.</param>
    /// <param name="split">Those to train on, and those that the detector must not see.</param>
    /// <param name="session">Device, progress, checkpoints and cancellation.</param>
    internal CobraDetector Fit(ImageSet images, CalibrationSplit split, TrainingSession session)
    {
        using CobraRun run = Complete(split, session);
        CobraModelCard card = new(
            options, images.Describe(), ScoreCalibration.Unset(options.Calibration.FalseAlarmRate, split.HeldOut is not null), run.Health());
        return session.Ranks is { Size: > 1 } ranks ? new RankedTraining(ranks, options).Finish(session.Device ?? CPU, Finish) : Finish();

        CobraDetector Finish() => WithBank(run.ReleaseNetwork(), split.Training, split.HeldOut, session, card);
    }

    /// <summary>The detector of a trained network, which it takes over, with the bank that the network makes of the training images.</summary>
    /// <param name="network">The trained network.</param>
    /// <param name="training">The images of the bank.</param>
    /// <param name="heldOut">Good images for the choice of the score; none where all were trained on.</param>
    /// <param name="session">Device and cancellation.</param>
    /// <param name="card">What is known so far.</param>
    internal static CobraDetector WithBank(CobraNetwork network, ImageSet training, ImageSet? heldOut, TrainingSession session, CobraModelCard card) =>
        Handover.OrDispose(network, () =>
        {
            network.eval();
            // Making the bank can take as long as an epoch, and the choice a tenth of the training: a user sees both.
            int climbs = ScoreChooser.Climbs(card.Options);
            ReportChoice(0);
            EmbeddingBank bank = EmbeddingBank.Of(network, training, session.Device);
            return Handover.OrDispose(bank, () =>
            {
                ScoreChoice choice = new ScoreChooser(card.Options, network, bank).Choose(training, heldOut, session.Device ?? CPU, ReportChoice);
                ReportChoice(climbs + 1);
                return new CobraDetector(network, bank, card with { Health = card.Health with { Score = choice } });
            });

            void ReportChoice(int done)
            {
                if (session.Cancellation.IsCancellationRequested) throw new TrainingInterruption(session, "The training").Cancelled("after its last epoch, before its score was settled");
                session.Progress?.Report(new TrainingProgress(TrainingPhase.Choice, done, climbs + 1, 1, double.NaN, null));
            }
        });

    private CobraRun Complete(CalibrationSplit split, TrainingSession session)
    {
        // For the training alone: bank and threshold are float32, as every score is.
        using IDisposable tensorFloat32 = TensorFloat32.Train();
        CobraRun run = StartOf(split, session);
        return Handover.OrDispose(run, () =>
        {
            run.Complete();
            return run;
        });
    }

    private CobraRun StartOf(CalibrationSplit split, TrainingSession session)
    {
        try
        {
            return Start(split.Training, session);
        }
        catch (TooFewNormalsException few)
        {
            throw few.Before(split.HeldOut?.Count ?? 0, "kept for the threshold");
        }
    }

    private CobraRun Start(ImageSet training, TrainingSession session)
    {
        if (session.Ranks is not { Size: > 1 } ranks) return StartAlone(training, session);
        RankedTraining shared = new(ranks, options);
        shared.RequireFit(training);
        return shared.Start(training, session, () => StartAlone(training, session));
    }

    private CobraRun StartAlone(ImageSet training, TrainingSession session)
    {
        if (session.Resume && File.Exists(session.CheckpointPath)) return CobraCheckpoint.Read(session.CheckpointPath, options, training, session);
        SourceProgress? progress = session.Progress is null ? null : new SourceProgress(session.Progress);
        CobraRun run = Handover.OrDispose(Prepare(training, session, progress), source => new CobraRun(options, training, source, session));
        return Handover.OrDispose(run, () =>
        {
            // Preparing the source may take longer than an epoch: from here on it is not lost.
            if (session.CheckpointPath is { } path) CobraCheckpoint.Write(path, run, options, training);
            return run;
        });
    }

    private PseudoAnomalySupply Prepare(ImageSet training, TrainingSession session, SourceProgress? progress)
    {
        try
        {
            return PseudoAnomalySources.Build(
                options.AnomalySource, options.ClaimedOrigin, training, options.PseudoAnomalies, new RandomStreams(options.Seed), session.Device ?? CPU,
                progress, session.Cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException("The training was stopped while its pseudo-anomalies were prepared. Nothing of that is kept: start it again. From the first epoch on it can be resumed.", session.Cancellation);
        }
    }

    private sealed class SourceProgress(IProgress<TrainingProgress> progress) : IProgress<PreparationProgress>
    {
        public void Report(PreparationProgress value)
        {
            TrainingProgress step = new(TrainingPhase.PseudoAnomalies, value.Done, value.Total, value.Epoch, value.Loss ?? double.NaN, null);
            progress.Report(step with { Part = value.Part });
        }
    }
}
