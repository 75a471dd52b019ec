using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Cobra.Training;
using CobraAD.Networks;
using CobraAD.PseudoAnomalies;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using CobraAD.Torch;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra;

/// <summary>Trains a COBRA detector on good images.</summary>
/// <param name="options">What the training does; checked by <see cref="Train"/>.</param>
/// <example><code>
/// CobraTrainer trainer = new(CobraPresets.Fast(imageSize: 64));
/// using CobraDetector detector = trainer.Train(benchmark.Train);
/// detector.Save("model.cobra");
/// </code></example>
public sealed class CobraTrainer(CobraOptions options)
{
    private const int EmbeddingBatch = 64;

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
    public CobraDetector Train(ImageSet images, TrainingSession? session = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        options.Validate();
        if (images.Count < DatasetOptions.FewestTrainingImages)
        {
            throw new ArgumentException(
                $"Training needs at least {DatasetOptions.FewestTrainingImages} good images, '{images.Name}' has {images.Count}.", nameof(images));
        }

        session ??= new TrainingSession();
        options.RequireFit(session.Device ?? CPU);

        using CalibrationSplit split = new(images, options.Calibration, options.Seed);
        using IDisposable tensorFloat32 = TensorFloat32.Train();
        using CobraRun run = Start(split.Training, session);
        using PseudoAnomalySupply source = run.PseudoAnomalies;
        run.Complete();
        // Bank and threshold are float32, as every score is. The end of the block disposes it once more, which does nothing.
        tensorFloat32.Dispose();
        return Finish(run, images, split.Training, split.HeldOut, session);
    }

    private CobraRun Start(ImageSet training, TrainingSession session)
    {
        if (session.Resume && File.Exists(session.CheckpointPath)) return CobraCheckpoint.Read(session.CheckpointPath, options, training, session);
        SourceProgress? progress = session.Progress is null ? null : new SourceProgress(session.Progress);
        PseudoAnomalySupply source = PseudoAnomalySources.Build(
            options.AnomalySource, options.ClaimedOrigin, training, options.PseudoAnomalies, new RandomStreams(options.Seed), session.Device ?? CPU,
            progress, session.Cancellation);
        return Handover.OrDispose(source, () => new CobraRun(options, training, source, session));
    }

    private CobraDetector Finish(CobraRun run, ImageSet images, ImageSet training, ImageSet? heldOut, TrainingSession session)
    {
        session.Progress?.Report(new TrainingProgress(TrainingPhase.Calibration, 0, 1, options.Epochs, double.NaN, null));
        using PseudoAnomalyState source = run.PseudoAnomalies.Export();
        CobraHealth health = new(source.Record, run.Position.History, run.Position.Seconds);
        ScoreCalibration unset = new(double.PositiveInfinity, 1, options.Calibration.FalseAlarmRate, 1, 0, heldOut is not null);
        CobraModelCard card = new(options, CobraCheckpoint.DataOf(images), unset, health);
        CobraNetwork network = run.ReleaseNetwork();
        CobraDetector detector = Handover.OrDispose(network, () => WithBank(network, training, session.Device, card));
        return Handover.OrDispose(detector, () =>
        {
            if (heldOut is null) detector.CalibrateOnBank(training, options.Calibration.FalseAlarmRate);
            else detector.Recalibrate(heldOut, options.Calibration.FalseAlarmRate);
            session.Progress?.Report(new TrainingProgress(TrainingPhase.Calibration, 1, 1, options.Epochs, double.NaN, null));
            return detector;
        });
    }

    /// <summary>The detector that a checkpoint would give if the training ended there; it has no threshold. The caller disposes it.</summary>
    /// <param name="path">The checkpoint.</param>
    /// <param name="options">The options of the training.</param>
    /// <param name="training">The images of the bank.</param>
    /// <param name="device">Where the detector runs.</param>
    internal static CobraDetector FromCheckpoint(string path, CobraOptions options, ImageSet training, Device device)
    {
        using ModelArchive archive = ModelArchive.Read(path);
        using Generator unused = new(0, CPU);
        PseudoAnomalyRecord record = CobraJson.FromNode<PseudoAnomalyRecord>(archive.Manifest.Health, $"{path}, manifest.json, health");
        ScoreCalibration unset = new(double.PositiveInfinity, 1, options.Calibration.FalseAlarmRate, 1, 0, HeldOut: false);
        CobraModelCard card = new(options, CobraCheckpoint.DataOf(training), unset, new CobraHealth(record, [], 0));
        CobraNetwork network = new(options.Network, unused);
        return Handover.OrDispose(network, () =>
        {
            StateDictionary.Load(network, archive.Group("network"), path);
            network.to(device);
            return WithBank(network, training, device, card);
        });
    }

    /// <summary>The detector of a trained network, which it takes over, with the bank that the network makes of the training images.</summary>
    private static CobraDetector WithBank(CobraNetwork network, ImageSet training, Device? device, CobraModelCard card)
    {
        network.eval();
        return new CobraDetector(network, new EmbeddingBank(EmbedAll(network, training, device)), card);
    }

    private static Tensor EmbedAll(CobraNetwork network, ImageSet images, Device? device)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        using CobraNetwork folded = network.Fold();
        List<Tensor> parts = [];
        for (int start = 0; start < images.Count; start += EmbeddingBatch)
        {
            using Tensor batch = images.Batch(start, EmbeddingBatch, device);
            parts.Add(folded.Embed(batch));
        }

        return cat(parts).MoveToOuterDisposeScope();
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
