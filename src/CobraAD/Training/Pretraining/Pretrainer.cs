using CobraAD.Datasets;
using CobraAD.Networks;
using CobraAD.Networks.Backbones;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Training.Pretraining;

/// <summary>Trains a backbone on labelled images, where no pretrained weights are at hand.</summary>
/// <param name="options">What the training does; checked by <see cref="Train"/>.</param>
/// <example><code>
/// using LabelledImages images = DatasetLoader.OpenLabelled("cifar-100-binary");
/// using PretrainedBackbone backbone = new Pretrainer(PretrainingPresets.Get("fast", PretrainingObjective.Supervised, 32)).Train(images);
/// backbone.Save("backbone.safetensors");
/// </code></example>
public sealed class Pretrainer(PretrainingOptions options)
{
    /// <summary>Trains, and measures on the held-out images.</summary>
    /// <param name="images">At least 8 images of at least 2 classes.</param>
    /// <param name="session">Device, progress, checkpoints and cancellation; none of them changes the result.</param>
    /// <returns>The backbone; the caller disposes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="ArgumentException">There are too few images or classes, or the labels do not fit.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the message says how to go on.</exception>
    /// <exception cref="TrainingDivergedException">The loss was no longer finite.</exception>
    /// <exception cref="ModelFormatException">The checkpoint to resume from is damaged.</exception>
    /// <exception cref="InvalidOperationException">The checkpoint to resume from belongs to other options or images.</exception>
    public PretrainedBackbone Train(LabelledImages images, TrainingSession? session = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        options.Validate();
        Check(images);
        session ??= new TrainingSession();
        PretrainingRun run = session.Resume && File.Exists(session.CheckpointPath)
            ? PretrainingCheckpoint.Read(session.CheckpointPath, options, images, session)
            : new PretrainingRun(options, images, session);
        using (run)
        {
            run.Complete();
            PretrainingRecord record = run.Task.Measure(RecordOf(images, run), new MeasuredImages(images, run.Device, session.Cancellation), run.Streams);
            return Finish(run, record);
        }
    }

    private PretrainingRecord RecordOf(LabelledImages images, PretrainingRun run) => new()
    {
        Objective = options.Objective,
        Network = options.Network,
        Transformer = options.Transformer,
        ImageSize = images.Train.Height,
        Dataset = images.Name,
        Fingerprint = images.Fingerprint,
        Images = images.Train.Count,
        Classes = images.Classes,
        ExcludedClasses = images.ExcludedClasses,
        Epochs = options.Epochs,
        Seed = options.Seed,
        Losses = run.Position.Losses,
        HeldOutImages = images.HeldOut.Count,
        TrainingSeconds = run.Position.Seconds,
        LibraryVersion = ModelManifest.CurrentLibraryVersion,
    };

    private PretrainedBackbone Finish(PretrainingRun run, PretrainingRecord record)
    {
        using IDisposable frozen = no_grad();
        using Generator unused = new(0, CPU);
        FeatureNetwork network = options.CreateNetwork(unused);
        Linear? classifier = null;
        try
        {
            StateDictionary.Load(network, run.Network.state_dict(), "the trained network");
            classifier = (run.Task as ClassificationTask)?.Classifier is { } head ? LinearLayer.Of(head.weight!.to(CPU, copy: true), head.bias!.to(CPU, copy: true)) : null;
            network.eval();
            return new PretrainedBackbone(network, classifier, record);
        }
        catch
        {
            network.Dispose();
            classifier?.Dispose();
            throw;
        }
    }

    private void Check(LabelledImages images)
    {
        if (options.Transformer is { } transformer && (images.Train.Height % transformer.PatchSize != 0 || images.Train.Width % transformer.PatchSize != 0))
            throw new ArgumentException($"Images of {images.Train.Width} × {images.Train.Height} pixels cannot be cut into the transformer's patches of {transformer.PatchSize}. Use another size of image or of patch (transformer.patchSize).", nameof(images));
        if (images.Classes.Count < 2) throw new ArgumentException($"Pretraining needs images of at least 2 classes, '{images.Name}' has {images.Classes.Count}.", nameof(images));
        if (images.Train.Count < DatasetOptions.FewestTrainingImages)
            throw new ArgumentException($"Pretraining needs at least {DatasetOptions.FewestTrainingImages} images, '{images.Name}' has {images.Train.Count}.", nameof(images));
        Check(images.Train, images.TrainLabels);
        Check(images.HeldOut, images.HeldOutLabels);

        void Check(ImageSet set, IReadOnlyList<long> labels)
        {
            if (labels.Count != set.Count) throw new ArgumentException($"'{set.Name}' has {set.Count} images and {labels.Count} labels.", nameof(images));
            if (labels.Any(label => label < 0 || label >= images.Classes.Count))
                throw new ArgumentException($"'{set.Name}' has labels outside 0 to {images.Classes.Count - 1}, the numbers of its classes.", nameof(images));
        }
    }
}
