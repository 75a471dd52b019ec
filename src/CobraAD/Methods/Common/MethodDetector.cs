using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Networks.Backbones;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Methods.Common;

/// <summary>What every method does once it is trained; a method adds its score and its tensors.</summary>
/// <param name="card">What is known about the model.</param>
internal abstract class MethodDetector<TOptions>(MethodCard<TOptions> card) : ISelfCalibrating, IUpdatable
    where TOptions : DetectorOptions
{
    public MethodCard<TOptions> Card { get; private set; } = card;

    IModelCard ITrainedDetector.Card => Card;

    public string Name => Card.Name;

    public double? Threshold => Card.Calibration.Threshold;

    public abstract Device Device { get; }

    public virtual IReadOnlyList<ScoreSurrogate> Surrogates => [];

    protected TOptions Options => Card.Options;

    /// <summary>Everything that a model file needs besides the card, by group and name; owned by the detector.</summary>
    protected abstract IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> Tensors { get; }

    public abstract Tensor Score(Tensor images);

    public virtual Tensor? Outputs(Tensor images) => null;

    public void Recalibrate(ImageSet goodImages, double falseAlarmRate) =>
        Card = Card with { Calibration = OperatingPoint.Find(images => FiniteScore.Of(this, images), goodImages, Device, falseAlarmRate, heldOut: true) };

    public void CalibrateOnTraining(ImageSet training, double falseAlarmRate) =>
        Card = Card with { Calibration = OperatingPoint.Find(ScoreTrainingImages, training, Device, falseAlarmRate, heldOut: false) };

    /// <summary>A method with a bank that can be added to says so.</summary>
    public virtual bool HasBank => false;

    /// <summary>The distance to the nearest entries, or a sum or maximum of such distances, never grows with another entry.</summary>
    public virtual bool ScoresOnlyFall => true;

    public virtual void Extend(ImageSet goodImages) => throw new NotSupportedException($"{Name} has no bank that can be added to.");

    public void Record(ModelUpdate? update, ScoreCalibration calibration) =>
        Card = Card with { Calibration = calibration, History = update is null ? Card.History : [.. Card.History, update] };

    public void Save(string path) => ModelArchive.Write(
        path,
        new ModelManifest
        {
            Kind = Card.Method,
            Data = Card.Data,
            Options = CobraJson.ToNode(Card.Options),
            Calibration = CobraJson.ToNode(Card.Calibration),
            Health = CobraJson.ToNode(Card.Health),
            History = ModelHistory.ToNode(Card.History),
        },
        Tensors);

    public abstract void Dispose();

    /// <summary>A group of tensors, and the backbone's unless it is as a package has it: then the origin in the card refers to that.</summary>
    private protected static IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> WithBackbone(Backbone backbone, string group, IReadOnlyDictionary<string, Tensor> tensors)
    {
        Dictionary<string, IReadOnlyDictionary<string, Tensor>> groups = new() { [group] = tensors };
        if (!backbone.IsAsPackaged) groups.Add("backbone", backbone.Network.state_dict());
        return groups;
    }

    /// <summary>Puts a network that is ready into evaluation mode, where an attack needs the images' gradients alone.</summary>
    protected static void Freeze(nn.Module network)
    {
        network.eval();
        foreach (Parameter parameter in network.parameters()) parameter.requires_grad = false;
    }

    /// <summary>The score of images that the detector itself remembers; one that compares with a bank leaves the image itself out.</summary>
    protected virtual Tensor ScoreTrainingImages(Tensor images) => Score(images);
}
