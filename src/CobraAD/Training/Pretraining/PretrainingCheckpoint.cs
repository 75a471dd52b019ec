using System.Text.Json.Nodes;
using CobraAD.Datasets;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training.Pretraining;

/// <summary>The file from which an interrupted pretraining goes on: weights, optimiser and position.</summary>
internal static class PretrainingCheckpoint
{
    /// <summary>What checkpoints of a pretraining say they hold.</summary>
    internal const string Kind = "pretraining-checkpoint";

    public static void Write(string path, PretrainingRun run, PretrainingOptions options, LabelledImages data)
    {
        using DisposeScope scope = NewDisposeScope();
        ModelManifest manifest = new()
        {
            Kind = Kind,
            Data = new ModelData(data.Name, "labelled images", data.Train.Count, data.Train.Height, data.Train.Width, data.Fingerprint),
            Options = CobraJson.ToNode(options),
            Progress = CobraJson.ToNode(run.Position),
        };
        ModelArchive.Write(path, manifest, new Dictionary<string, IReadOnlyDictionary<string, Tensor>>
        {
            ["network"] = run.Network.state_dict(),
            ["head"] = run.Task.Head.state_dict(),
            ["optimizer"] = run.Optimizer.SaveState(),
        });
    }

    /// <summary>The run that a checkpoint holds; the caller disposes it.</summary>
    /// <exception cref="ModelFormatException">The file is damaged or no checkpoint of a pretraining.</exception>
    /// <exception cref="InvalidOperationException">It was made with other options or other images.</exception>
    public static PretrainingRun Read(string path, PretrainingOptions options, LabelledImages data, TrainingSession session)
    {
        using ModelArchive archive = ModelArchive.Read(path);
        ModelManifest manifest = archive.Manifest;
        if (manifest.Kind != Kind) throw new ModelFormatException($"{path}: expected a checkpoint of a pretraining, found a file of kind '{manifest.Kind}'. Give another output file.");
        if (!JsonNode.DeepEquals(manifest.Options, CobraJson.ToNode(options)))
            throw new InvalidOperationException($"{path}: the checkpoint was made with other options: {JsonDifference.First(manifest.Options, CobraJson.ToNode(options))}. Resume with the same options, or delete the checkpoint to start again.");
        if (manifest.Data?.Fingerprint != data.Fingerprint)
            throw new InvalidOperationException($"{path}: the checkpoint was made with other images ({manifest.Data?.Images} of '{manifest.Data?.Name}') than the {data.Train.Count} of '{data.Name}'. Resume with the same data, or delete the checkpoint to start again.");

        PretrainingRun run = new(options, data, session);
        try
        {
            StateDictionary.Load(run.Network, archive.Group("network"), path);
            StateDictionary.Load(run.Task.Head, archive.Group("head"), path);
            run.Optimizer.LoadState(archive.Group("optimizer"));
            run.Position = CobraJson.FromNode<PretrainingPosition>(manifest.Progress, $"{path}, manifest.json, progress");
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }
}
