using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CustomMethod;

/// <summary>A whole method, written with nothing but the public API.</summary>
public sealed class MeanColourMethod : IDetectionMethod
{
    public const string Kind = "mean-colour";

    public string Name => Kind;

    public string Title => "Mean colour (nobody)";

    public string Needs => "nothing else";

    public IReadOnlyList<string> Presets => ["default"];

    public string DefaultPreset => "default";

    public bool CanResume => false;

    public Type OptionsType => typeof(MeanColourOptions);

    public DetectorOptions Preset(string name, int imageSize) => name == DefaultPreset
        ? new MeanColourOptions()
        : throw new ArgumentException($"{Name} has no preset '{name}'.", nameof(name));

    public ITrainedDetector Train(DetectorOptions options, ImageSet images, TrainingSession? session = null)
    {
        MeanColourOptions own = (MeanColourOptions)options;
        own.Validate();
        using CalibrationSplit split = new(images, own.Calibration, own.Seed);
        ScoreCalibration unset = new(double.PositiveInfinity, 1, own.Calibration.FalseAlarmRate, 1, 0, HeldOut: false);
        MeanColourDetector detector = new(own, images.Describe(), unset, Centre(split.Training, session?.Device));
        detector.Recalibrate(split.HeldOut ?? split.Training, own.Calibration.FalseAlarmRate);
        return detector;
    }

    public ITrainedDetector Load(string path, Device? device = null)
    {
        using ModelArchive archive = ModelArchive.Read(path);
        MeanColourCard card = CardOf(archive.Manifest, path);
        return new MeanColourDetector(card.Options, card.Data, card.Calibration, archive.Group("score")["centre"].to(device ?? CPU, copy: true));
    }

    public IModelCard LoadCard(string path) => CardOf(ModelArchive.ReadManifest(path), path);

    private static MeanColourCard CardOf(ModelManifest manifest, string path) => new(
        CobraJson.FromNode<MeanColourOptions>(manifest.Options, path), manifest.Data!, CobraJson.FromNode<ScoreCalibration>(manifest.Calibration, path));

    private static Tensor Centre(ImageSet images, Device? device)
    {
        using DisposeScope scope = NewDisposeScope();
        return images.Batch(0, images.Count, device).mean([0, 2, 3]).MoveToOuterDisposeScope();
    }
}
