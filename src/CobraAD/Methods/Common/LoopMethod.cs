using System.Diagnostics;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Networks;
using CobraAD.Networks.Backbones;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using CobraAD.Training;
using static TorchSharp.torch;

namespace CobraAD.Methods.Common;

/// <summary>
/// A method that trains with <see cref="TrainingLoop"/>, from its beginning to its end in one session, and whose file holds a card and some
/// tensors: all but COBRA.
/// </summary>
internal abstract class LoopMethod<TOptions> : DetectionMethod<TOptions>
    where TOptions : DetectorOptions
{
    private const string BackboneGroup = "backbone";

    public sealed override ITrainedDetector Load(string path, Device? device = null)
    {
        using ModelArchive archive = ModelArchive.Read(path);
        return Restore(ReadCard(path, archive.Manifest), archive, path, device ?? CPU);
    }

    public sealed override IModelCard LoadCard(string path) => ReadCard(path, ModelArchive.ReadManifest(path));

    protected sealed override ISelfCalibrating Fit(TOptions options, ImageSet images, CalibrationSplit split, TrainingSession session)
    {
        long started = Stopwatch.GetTimestamp();
        TrainingLoop run = new(split.Training, options.Seed, session);
        return Fit(options, run, Finish);

        MethodCard<TOptions> Finish()
        {
            MethodHealth health = new(Stopwatch.GetElapsedTime(started).TotalSeconds, run.Phases, run.Backbone);
            ScoreCalibration unset = ScoreCalibration.Unset(options.Calibration.FalseAlarmRate, split.HeldOut is not null);
            return new MethodCard<TOptions>(Name, NameOf(options, run.Backbone), options, images.Describe(), unset, health);
        }
    }

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

    /// <summary>
    /// The backbone whose weights a model file holds, or the package has that it refers to; a file that they once came from is not needed.
    /// </summary>
    /// <exception cref="ModelFormatException">The weights do not fit, are not there, or are not those that the model was trained with.</exception>
    protected static Backbone RestoreBackbone(MethodCard<TOptions> card, BackboneOptions options, ModelArchive archive, string path, Device device)
    {
        WeightOrigin origin = card.Health.Backbone ?? throw new ModelFormatException($"{path}: the manifest does not say where the backbone came from. Train the model again.");
        using Generator rng = new(0, CPU);
        if (origin.Package is not null && !archive.Groups.ContainsKey(BackboneGroup))
        {
            ImageNetPackage.RequireSame(origin, path);
            return BackboneStore.Open(options, rng).To(device);
        }

        FeatureNetwork network = options.CreateNetwork(rng);
        StateDictionary.Load(network, archive.Group(BackboneGroup), path);
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
            ScoreCalibration.Read(manifest.Calibration, $"{path}, manifest.json, calibration"),
            health)
        { History = ModelHistory.Read(manifest.History, path) };
    }
}
