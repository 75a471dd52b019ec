using CobraAD.Networks;
using CobraAD.Networks.Backbones;
using CobraAD.Serialization.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Training.Pretraining;

/// <summary>A backbone that <see cref="Pretrainer"/> made.</summary>
public sealed class PretrainedBackbone : IDisposable
{
    private readonly Linear? classifier;

    /// <summary>Takes over network and classifier.</summary>
    internal PretrainedBackbone(FeatureNetwork network, Linear? classifier, PretrainingRecord record)
    {
        Network = network;
        this.classifier = classifier;
        Record = record;
    }

    /// <summary>The trained network, in evaluation mode.</summary>
    internal FeatureNetwork Network { get; }

    /// <summary>How it was trained and how good it is.</summary>
    public PretrainingRecord Record { get; }

    /// <summary>
    /// Writes a safetensors file with torchvision's names, which <see cref="BackboneOptions.File"/> and PyTorch take: the network, the classifier
    /// ("fc") if there is one, and the record. It appears complete or not at all.
    /// </summary>
    /// <param name="path">The file to make or replace.</param>
    public void Save(string path)
    {
        Dictionary<string, Tensor> tensors = Network.state_dict();
        if (classifier is not null)
        {
            tensors["fc.weight"] = classifier.weight!;
            tensors["fc.bias"] = classifier.bias!;
        }

        Safetensors.Write(path, tensors, Record.ToMetadata());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Network.Dispose();
        classifier?.Dispose();
    }
}
