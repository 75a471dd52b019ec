using System.Text.Json.Nodes;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.PseudoAnomalies;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using CobraAD.Torch;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Training;

/// <summary>The file from which an interrupted training goes on: weights, optimiser, source of pseudo-anomalies and position.</summary>
internal static class CobraCheckpoint
{
    /// <summary>What checkpoints say they hold.</summary>
    public const string Kind = "checkpoint";

    private const string NetworkGroup = "network", AverageGroup = "average";

    public static void Write(string path, CobraRun run, CobraOptions options, ImageSet images)
    {
        using DisposeScope scope = NewDisposeScope();
        using PseudoAnomalyState source = run.PseudoAnomalies.Export();
        ModelManifest manifest = new()
        {
            Kind = Kind,
            Data = images.Describe(),
            Options = CobraJson.ToNode(options),
            Health = CobraJson.ToNode(source.Record),
            Progress = CobraJson.ToNode(run.Position),
        };
        Dictionary<string, IReadOnlyDictionary<string, Tensor>> groups = new()
        {
            [NetworkGroup] = run.Network.state_dict(),
            ["optimizer"] = run.Optimizer.SaveState(),
            ["pseudo-anomalies"] = source.Tensors,
        };
        if (run.Average is not null) groups[AverageGroup] = run.Average.state_dict();
        ModelArchive.Write(path, manifest, groups);
    }

    /// <summary>The run that a checkpoint holds; the caller disposes it.</summary>
    /// <exception cref="ModelFormatException">The file is damaged or no checkpoint.</exception>
    /// <exception cref="InvalidOperationException">It was made with other options or other images.</exception>
    public static CobraRun Read(string path, CobraOptions options, ImageSet images, TrainingSession session)
    {
        using ModelArchive archive = ModelArchive.Read(path);
        ModelManifest manifest = archive.Manifest;
        if (manifest.Kind != Kind)
            throw new ModelFormatException($"{path}: expected a checkpoint, found a model of kind '{manifest.Kind}'. Start without --resume, or move the file away.");
        // Read and written again: options that came later than the checkpoint have their defaults.
        JsonNode? before = CobraJson.ToNode(CobraJson.FromNode<CobraOptions>(manifest.Options, $"{path}, manifest.json, options")), now = CobraJson.ToNode(options);
        if (!JsonNode.DeepEquals(before, now))
            throw new InvalidOperationException($"{path}: the checkpoint was made with other options: {JsonDifference.First(before, now)}. Resume with the same options, or delete the checkpoint to start again.");
        if (manifest.Data?.Fingerprint != images.Fingerprint)
            throw new InvalidOperationException($"{path}: the checkpoint was made with other images ({manifest.Data?.Images} images of '{manifest.Data?.Name}') than the {images.Count} of '{images.Name}'. Resume with the same data, or delete the checkpoint to start again.");

        PseudoAnomalyState source = new(CobraJson.FromNode<PseudoAnomalyRecord>(manifest.Health, $"{path}, manifest.json, health"), archive.Group("pseudo-anomalies"));
        PseudoAnomalySupply supply = PseudoAnomalySources.Restore(options.AnomalySource, options.ClaimedOrigin, images, source, session.Device ?? CPU);
        CobraRun run = Handover.OrDispose(supply, () => new CobraRun(options, images, supply, session));
        return Handover.OrDispose(run, () =>
        {
            StateDictionary.Load(run.Network, archive.Group(NetworkGroup), path);
            if (run.Average is not null) StateDictionary.Load(run.Average, archive.Group(AverageGroup), path);
            run.Optimizer.LoadState(archive.Group("optimizer"));
            run.Position = CobraJson.FromNode<TrainingPosition>(manifest.Progress, $"{path}, manifest.json, progress");
            return run;
        });
    }

    /// <summary>The detector that a checkpoint would give if the training ended there; it has no threshold. The caller disposes it.</summary>
    /// <param name="path">The checkpoint.</param>
    /// <param name="options">The options of the training.</param>
    /// <param name="training">The images of the bank.</param>
    /// <param name="device">Where the detector runs.</param>
    public static CobraDetector ReadDetector(string path, CobraOptions options, ImageSet training, Device device)
    {
        using ModelArchive archive = ModelArchive.Read(path);
        PseudoAnomalyRecord record = CobraJson.FromNode<PseudoAnomalyRecord>(archive.Manifest.Health, $"{path}, manifest.json, health");
        ScoreCalibration unset = ScoreCalibration.Unset(options.Calibration.FalseAlarmRate, heldOut: false);
        CobraModelCard card = new(options, training.Describe(), unset, new CobraHealth(record, [], 0));
        return CobraTrainer.WithBank(CobraModelFile.ReadNetwork(options, archive, path, options.WeightAverageDecay > 0 ? AverageGroup : NetworkGroup).to(device), training, null, new TrainingSession { Device = device }, card);
    }
}
