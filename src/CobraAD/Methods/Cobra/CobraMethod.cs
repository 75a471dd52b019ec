using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods.Common;
using CobraAD.Training;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra;

/// <summary>COBRA as one detection method among the others.</summary>
internal sealed class CobraMethod : DetectionMethod<CobraOptions>
{
    public override string Name => CobraDetector.Kind;

    public override string Title => "COBRA (Mirzaei et al. 2025)";

    public override IReadOnlyList<string> Presets => CobraPresets.Names;

    public override string DefaultPreset => "fast";

    /// <summary>A class differs from others as a whole, a defective part from good ones in a place (docs/lab/results.md has the numbers).</summary>
    public override string PresetFor(AnomalyBenchmark data) => data.IsOfParts && CobraPresets.PartTile(Math.Min(data.Train.Height, data.Train.Width)) is not null ? "parts" : DefaultPreset;

    public override bool CanResume => true;

    protected override bool CanShare => true;

    public override string? Announce(DetectorOptions options, ImageSet images)
    {
        CobraOptions own = (CobraOptions)options;
        string[] remarks = [.. UntrainedHead(own), .. FewUpdates(own, images)];
        return remarks.Length == 0 ? null : string.Join(" ", remarks);
    }

    public override ITrainedDetector Load(string path, Device? device = null) => CobraModelFile.Read(path, device);

    public override IModelCard LoadCard(string path) => CobraModelFile.ReadCard(path);

    protected override CobraOptions OptionsOf(string preset, int imageSize) => CobraPresets.Get(preset, imageSize);

    protected override void RequireFit(CobraOptions options, Device device) => new CobraTrainer(options).RequireFit(device);

    protected override ISelfCalibrating Fit(CobraOptions options, ImageSet images, CalibrationSplit split, TrainingSession session) =>
        new CobraTrainer(options).Fit(images, split, session);

    private static IEnumerable<string> UntrainedHead(CobraOptions options)
    {
        if (options.Contrastive.Name == "none" && options.Score is not (CobraScore.Classifier or CobraScore.LogOdds))
            yield return "With the contrastive loss \"none\" the projection head stays as it was drawn, and every score but classifier and logOdds compares its embeddings: choose --score logOdds.";
        if (options.ClassificationWeight == 0 && CobraScores.NeedsClassifier(options.Score))
            yield return "With the classification weight 0 the classifier stays as it was drawn, and the chosen score asks it: choose another, or auto.";
    }

    /// <summary>Decision D30. The small presets count updates themselves.</summary>
    private static IEnumerable<string> FewUpdates(CobraOptions options, ImageSet images)
    {
        if (options.Preset == "paper" && options.HasFewUpdates(images.Count))
            yield return $"{options.Epochs} epochs of {images.Count} images are {options.Updates(images.Count)} updates; the paper's classes of 5,000 images get 3,900. Set itemsPerEpoch to 10000 in the file of --config, as the released code repeats such sets.";
    }
}
