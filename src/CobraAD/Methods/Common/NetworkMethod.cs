using CobraAD.Detection;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Common;

/// <summary>A method that trains a network of its own from fresh weights.</summary>
internal abstract class NetworkMethod<TOptions, TNetwork> : LoopMethod<TOptions>
    where TOptions : DetectorOptions
    where TNetwork : nn.Module
{
    /// <summary>The group of a model file that the network's tensors are in.</summary>
    protected virtual string Group => "network";

    /// <summary>A network with fresh weights on the CPU.</summary>
    /// <param name="options">What it looks like.</param>
    /// <param name="height">Of the images.</param>
    /// <param name="width">Of the images.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    /// <exception cref="ArgumentException">The images are too small for it.</exception>
    protected abstract TNetwork Create(TOptions options, int height, int width, Generator rng);

    /// <summary>Trains the network and gives it to a detector.</summary>
    /// <param name="options">How to train.</param>
    /// <param name="run">The images and the loops.</param>
    /// <param name="network">On the run's device.</param>
    /// <param name="finish">Stops the clock and writes the detector's card; called last.</param>
    protected abstract MethodDetector<TOptions> Fit(TOptions options, TrainingLoop run, TNetwork network, Func<MethodCard<TOptions>> finish);

    /// <summary>Gives a trained network from a file, on the detector's device, to a detector.</summary>
    protected abstract MethodDetector<TOptions> Restore(MethodCard<TOptions> card, TNetwork network, ModelArchive archive, string path, Device device);

    protected sealed override MethodDetector<TOptions> Fit(TOptions options, TrainingLoop run, Func<MethodCard<TOptions>> finish)
    {
        using Generator rng = run.Streams.Create("weights");
        TNetwork network = Create(options, run.Images.Height, run.Images.Width, rng);
        return Handover.OrDispose(network, () => Fit(options, run, network.to(run.Device), finish));
    }

    protected sealed override MethodDetector<TOptions> Restore(MethodCard<TOptions> card, ModelArchive archive, string path, Device device)
    {
        using Generator rng = new(0, CPU);
        TNetwork network = Create(card.Options, card.Data.Height, card.Data.Width, rng);
        return Handover.OrDispose(network, () =>
        {
            StateDictionary.Load(network, archive.Group(Group), path);
            return Restore(card, network.to(device), archive, path, device);
        });
    }
}
