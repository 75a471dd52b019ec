using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using TorchSharp;
using static TorchSharp.torch;

namespace CustomMethod;

/// <summary>A(x) = w ‖m(x) - c‖² with m(x) the mean colour of an image and c that of the training images.</summary>
public sealed class MeanColourDetector(MeanColourOptions options, ModelData data, ScoreCalibration calibration, Tensor centre) : ITrainedDetector
{
    private MeanColourCard card = new(options, data, calibration);

    public string Name => card.Name;

    public Device Device => centre.device;

    public double? Threshold => card.Calibration.Threshold;

    public IModelCard Card => card;

    public Tensor Score(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return ((images.mean([2, 3]) - centre).square().sum([1]) * options.Weight).MoveToOuterDisposeScope();
    }

    public void Recalibrate(ImageSet goodImages, double falseAlarmRate) =>
        card = card with { Calibration = ScoreCalibration.From(this.ScoreAll(goodImages), falseAlarmRate, heldOut: true) };

    public void Save(string path)
    {
        ModelManifest manifest = new()
        {
            Kind = MeanColourMethod.Kind,
            Data = card.Data,
            Options = CobraJson.ToNode(card.Options),
            Calibration = CobraJson.ToNode(card.Calibration),
        };
        ModelArchive.Write(path, manifest, new Dictionary<string, IReadOnlyDictionary<string, Tensor>>
        {
            ["score"] = new Dictionary<string, Tensor> { ["centre"] = centre },
        });
    }

    public void Dispose() => centre.Dispose();
}
