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

    public override bool CanResume => true;

    protected override bool CanShare => true;

    public override ITrainedDetector Load(string path, Device? device = null) => CobraDetector.Load(path, device);

    public override IModelCard LoadCard(string path) => CobraDetector.LoadCard(path);

    protected override CobraOptions OptionsOf(string preset, int imageSize) => CobraPresets.Get(preset, imageSize);

    protected override void RequireFit(CobraOptions options, Device device) => new CobraTrainer(options).RequireFit(device);

    protected override ISelfCalibrating Fit(CobraOptions options, ImageSet images, CalibrationSplit split, TrainingSession session) =>
        new CobraTrainer(options).Fit(images, split, session);
}
