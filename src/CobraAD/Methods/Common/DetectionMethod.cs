using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods.Tiles;
using CobraAD.Torch;
using CobraAD.Training;
using static TorchSharp.torch;

namespace CobraAD.Methods.Common;

/// <summary>
/// What every method does to make a detector: check the options, keep images out for the threshold, train, set the threshold. A method adds
/// its names, how it trains, and its file; one without files and progress of its own starts from <see cref="LoopMethod{TOptions}"/>.
/// </summary>
internal abstract class DetectionMethod<TOptions> : IDetectionMethod
    where TOptions : DetectorOptions
{
    public abstract string Name { get; }

    public abstract string Title { get; }

    public virtual string Needs => "nothing else";

    public virtual IReadOnlyList<string> Presets => ["default", "tiny"];

    public virtual string DefaultPreset => Presets[0];

    public virtual string PresetFor(AnomalyBenchmark data) => DefaultPreset;

    public virtual bool CanResume => false;

    /// <summary>Whether several ranks can share a training (<see cref="TrainingSession.Ranks"/>).</summary>
    protected virtual bool CanShare => false;

    public Type OptionsType => typeof(TOptions);

    public virtual string? Announce(DetectorOptions options, ImageSet images) => null;

    public DetectorOptions Preset(string name, int imageSize) => Presets.Contains(name)
        ? OptionsOf(name, imageSize)
        : throw new ArgumentException($"{Name} has no preset '{name}'. Presets are {string.Join(", ", Presets)}.", nameof(name));

    public ITrainedDetector Train(DetectorOptions options, ImageSet images, TrainingSession? session = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(images);
        if (options is not TOptions own) throw new ArgumentException($"{Name} needs {typeof(TOptions).Name}, found {options.GetType().Name}.", nameof(options));
        own.Validate();
        session ??= new TrainingSession();
        if (own.Tiles is not null) return TiledTraining.Train(this, own, images, session);
        if (images.Count < DatasetOptions.FewestTrainingImages)
        {
            throw new ArgumentException(
                $"Training needs at least {DatasetOptions.FewestTrainingImages} good images, '{images.Name}' has {images.Count}.", nameof(images));
        }

        if (session.Resume && !CanResume) throw new ArgumentException($"A training of {Name} keeps no checkpoints, so it cannot be resumed. Start it again.", nameof(session));
        if (session.Ranks is { Size: > 1 } && !CanShare) throw new NotSupportedException($"A training of {Name} cannot be shared by several ranks; those of cobra can. Start it without mpirun.");
        RequireFit(own, session.Device ?? CPU);

        using CalibrationSplit split = new(images, own.Calibration, own.Seed);
        ISelfCalibrating detector = Fit(own, images, split, session);
        return Handover.OrDispose(detector, () =>
        {
            session.ReportCalibration(done: 0);
            if (split.HeldOut is { } heldOut) detector.Recalibrate(heldOut, own.Calibration.FalseAlarmRate);
            else detector.CalibrateOnTraining(split.Training, own.Calibration.FalseAlarmRate);
            session.ReportCalibration(done: 1);
            return detector;
        });
    }

    public abstract ITrainedDetector Load(string path, Device? device = null);

    public abstract IModelCard LoadCard(string path);

    /// <summary>The options of one of <see cref="Presets"/>.</summary>
    protected abstract TOptions OptionsOf(string preset, int imageSize);

    void IDetectionMethod.RequireFit(DetectorOptions options, Device device) => RequireFit((TOptions)options, device);

    /// <summary>Refuses what a training with valid options cannot do, or should not, on a device.</summary>
    /// <exception cref="NotSupportedException">It is refused.</exception>
    protected virtual void RequireFit(TOptions options, Device device)
    {
    }

    /// <summary>Trains; the options are valid. The detector has no threshold yet (<see cref="ScoreCalibration.Unset"/>).</summary>
    /// <param name="options">What to train.</param>
    /// <param name="images">All images, which the detector's card describes.</param>
    /// <param name="split">Those to train on, and those that the detector must not see.</param>
    /// <param name="session">Device, progress, checkpoints and cancellation.</param>
    protected abstract ISelfCalibrating Fit(TOptions options, ImageSet images, CalibrationSplit split, TrainingSession session);
}
