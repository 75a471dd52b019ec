using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Training;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra;

/// <summary>COBRA as one detection method among the others.</summary>
internal sealed class CobraMethod : IDetectionMethod
{
    public string Name => CobraDetector.Kind;

    public string Title => "COBRA (Mirzaei et al. 2025)";

    public string Needs => "nothing else";

    public IReadOnlyList<string> Presets => CobraPresets.Names;

    public string DefaultPreset => "fast";

    public bool CanResume => true;

    public Type OptionsType => typeof(CobraOptions);

    public DetectorOptions Preset(string name, int imageSize) => CobraPresets.Get(name, imageSize);

    public ITrainedDetector Train(DetectorOptions options, ImageSet images, TrainingSession? session = null) =>
        options is CobraOptions own
            ? new CobraTrainer(own).Train(images, session)
            : throw new ArgumentException($"COBRA needs {nameof(CobraOptions)}, found {options?.GetType().Name ?? "null"}.", nameof(options));

    public ITrainedDetector Load(string path, Device? device = null) => CobraDetector.Load(path, device);

    public IModelCard LoadCard(string path) => CobraDetector.LoadCard(path);
}
