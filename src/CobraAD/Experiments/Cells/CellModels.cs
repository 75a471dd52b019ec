using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using CobraAD.Serialization.Archive;
using CobraAD.Training;
using static TorchSharp.torch;

namespace CobraAD.Experiments.Cells;

/// <summary>The trained detectors that cells share, from a store or new.</summary>
/// <param name="store">Where they are kept.</param>
/// <param name="device">Where networks run.</param>
/// <param name="backbone">The weight file of cells whose method needs one.</param>
internal sealed class CellModels(CellStore store, Device device, string? backbone)
{
    /// <summary>The detector of a cell; the caller disposes it.</summary>
    public ITrainedDetector Detector(ExperimentCell cell, ImageSet train, CancellationToken cancellation) =>
        cell.Options is CobraOptions ? Cobra(cell, train, cancellation) : Other(cell, train, cancellation);

    /// <summary>The detector of a cell of COBRA; the caller disposes it. Its threshold holds for the similarity score only.</summary>
    public CobraDetector Cobra(ExperimentCell cell, ImageSet train, CancellationToken cancellation)
    {
        CobraOptions options = cell.Cobra;
        bool isChosen = options.Score == CobraScore.Auto;
        string path = store.ModelPath(cell);
        if (!File.Exists(path))
        {
            using CobraDetector trained = new CobraTrainer(isChosen ? options : options with { Score = CobraScore.Similarity, ScoreConstants = new() }).Train(train, new TrainingSession
            {
                Device = device,
                CheckpointPath = path + ".checkpoint",
                Resume = true,
                Cancellation = cancellation,
            });
            trained.Save(path);
            File.Delete(path + ".checkpoint");
        }

        return isChosen ? CobraDetector.Load(path, device) : CobraDetector.Load(path, device, options.Score, options.ScoreConstants);
    }

    private ITrainedDetector Other(ExperimentCell cell, ImageSet train, CancellationToken cancellation)
    {
        string path = store.ModelPath(cell);
        if (!File.Exists(path))
        {
            using ITrainedDetector trained = DetectionMethods.Train(WithBackbone(cell), train, new TrainingSession { Device = device, Cancellation = cancellation });
            trained.Save(path);
        }

        return DetectionMethods.Load(path, device);
    }

    /// <summary>The options of a cell with the weight file where it lies on this machine.</summary>
    private DetectorOptions WithBackbone(ExperimentCell cell)
    {
        if (cell.BackboneSha256 is not { } expected || cell.Options is not IBackboneUser user) return cell.Options;
        if (user.Backbone.Package is not null)
        {
            return expected == ImageNetPackage.Sha256
                ? cell.Options
                : throw new ExperimentException($"{cell} was planned with the ImageNet weights {expected[..16]}; this version's are {ImageNetPackage.Sha256[..16]}. Use the version that planned it.");
        }

        if (backbone is null || !File.Exists(backbone)) throw new ExperimentException($"{cell} needs the weight file {user.Backbone.File}, found {backbone ?? "none"}. Give it with --backbone.");
        string found = ModelArchive.Fingerprint(backbone);
        return found == expected
            ? user.With(user.Backbone with { File = backbone })
            : throw new ExperimentException($"{cell} was planned with the weights {expected[..16]} of {user.Backbone.File}; {backbone} holds {found[..16]}. Give the same file.");
    }
}
