using System.Diagnostics;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Networks;
using CobraAD.Networks.Backbones;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using CobraAD.Torch;
using CobraAD.Training;
using static TorchSharp.torch;

namespace CobraAD.Methods.Common;

/// <summary>What every baseline does to become a detector: split, train, calibrate; and to come back from a file.</summary>
internal abstract class DetectionMethod<TOptions> : IDetectionMethod
    where TOptions : DetectorOptions
{
    public abstract string Name { get; }

    public abstract string Title { get; }

    public virtual string Needs => "nothing else";

    public virtual IReadOnlyList<string> Presets => ["default", "tiny"];

    public string DefaultPreset => Presets[0];

    public bool CanResume => false;

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
        if (images.Count < DatasetOptions.FewestTrainingImages)
        {
            throw new ArgumentException(
                $"Training needs at least {DatasetOptions.FewestTrainingImages} good images, '{images.Name}' has {images.Count}.", nameof(images));
        }

        session ??= new TrainingSession();
        if (session.Resume) throw new ArgumentException($"A training of {Name} keeps no checkpoints, so it cannot be resumed. Start it again.", nameof(session));

        using CalibrationSplit split = new(images, own.Calibration, own.Seed);
        long started = Stopwatch.GetTimestamp();
        TrainingLoop run = new(split.Training, own.Seed, session);
        MethodDetector<TOptions> detector = Fit(own, run, Finish);
        return Handover.OrDispose(detector, () =>
        {
            session.Progress?.Report(new TrainingProgress(TrainingPhase.Calibration, 0, 1, 1, double.NaN, null));
            if (split.HeldOut is { } heldOut) detector.Recalibrate(heldOut, own.Calibration.FalseAlarmRate);
            else detector.CalibrateOnTraining(split.Training, own.Calibration.FalseAlarmRate);
            session.Progress?.Report(new TrainingProgress(TrainingPhase.Calibration, 1, 1, 1, double.NaN, null));
            return detector;
        });

        MethodCard<TOptions> Finish()
        {
            ScoreCalibration unset = new(double.PositiveInfinity, 1, own.Calibration.FalseAlarmRate, 1, 0, split.HeldOut is not null);
            MethodHealth health = new(Stopwatch.GetElapsedTime(started).TotalSeconds, run.Phases, run.Backbone);
            return new MethodCard<TOptions>(Name, NameOf(own, run.Backbone), own, images.Describe(), unset, health);
        }
    }

    public ITrainedDetector Load(string path, Device? device = null)
    {
        using ModelArchive archive = ModelArchive.Read(path);
        return Restore(ReadCard(path, archive.Manifest), archive, path, device ?? CPU);
    }

    public IModelCard LoadCard(string path) => ReadCard(path, ModelArchive.ReadManifest(path));

    /// <summary>The options of one of <see cref="Presets"/>.</summary>
    protected abstract TOptions OptionsOf(string preset, int imageSize);

    /// <summary>What the detector is called in reports, without its backbone.</summary>
    protected abstract string NameOf(TOptions options);

    /// <summary>What the detector is called in reports; methods with a backbone say which, and whether their numbers are comparable with published ones.</summary>
    protected virtual string NameOf(TOptions options, WeightOrigin? backbone) => NameOf(options);

    /// <summary>Trains; the options are valid.</summary>
    /// <param name="options">What to train.</param>
    /// <param name="run">The images and the loops.</param>
    /// <param name="finish">Stops the clock and writes the detector's card; called last.</param>
    protected abstract MethodDetector<TOptions> Fit(TOptions options, TrainingLoop run, Func<MethodCard<TOptions>> finish);

    /// <summary>Puts a detector together from the tensors of a file, which live only until the archive is disposed.</summary>
    protected abstract MethodDetector<TOptions> Restore(MethodCard<TOptions> card, ModelArchive archive, string path, Device device);

    /// <summary>A tensor of a model file, as the detector's own copy; the caller disposes it.</summary>
    /// <exception cref="ModelFormatException">The file has no such tensor.</exception>
    protected static Tensor Take(ModelArchive archive, string group, string name, string path, Device device) =>
        archive.Group(group).TryGetValue(name, out Tensor? tensor)
            ? tensor.to(device, copy: true).DetachFromDisposeScope()
            : throw new ModelFormatException($"{path}: the group '{group}' has no tensor '{name}'. Train the model again.");

    /// <summary>The backbone whose weights a model file holds; the file that they once came from is not needed.</summary>
    /// <exception cref="ModelFormatException">The weights do not fit.</exception>
    protected static Backbone RestoreBackbone(MethodCard<TOptions> card, BackboneOptions options, ModelArchive archive, string path, Device device)
    {
        using Generator rng = new(0, CPU);
        FeatureNetwork network = options.CreateNetwork(rng);
        StateDictionary.Load(network, archive.Group("backbone"), path);
        WeightOrigin origin = card.Health.Backbone ?? throw new ModelFormatException($"{path}: the manifest does not say where the backbone came from. Train the model again.");
        return new Backbone(network, options, origin).To(device);
    }

    private MethodCard<TOptions> ReadCard(string path, ModelManifest manifest)
    {
        if (manifest.Kind != Name) throw new ModelFormatException($"{path}: expected a model of kind '{Name}', found '{manifest.Kind}'.");
        TOptions options = CobraJson.FromNode<TOptions>(manifest.Options, $"{path}, manifest.json, options");
        MethodHealth health = CobraJson.FromNode<MethodHealth>(manifest.Health, $"{path}, manifest.json, health");
        return new MethodCard<TOptions>(
            Name, NameOf(options, health.Backbone), options,
            manifest.Data ?? throw new ModelFormatException($"{path}: the manifest does not say what the model was trained on. Train it again."),
            CobraJson.FromNode<ScoreCalibration>(manifest.Calibration, $"{path}, manifest.json, calibration"),
            health);
    }
}
