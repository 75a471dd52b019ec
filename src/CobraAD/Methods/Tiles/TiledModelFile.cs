using CobraAD.Detection;
using CobraAD.Methods.Common;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Tiles;

/// <summary>
/// How a detector that works in tiles lies in a <c>.cobra</c> file: the file of the tiles' detector, as its method writes it, with one more
/// group of tensors and a section of the manifest. So every method can be used in tiles, and no method's file changes.
/// </summary>
internal static class TiledModelFile
{
    private const string Group = "tiles", Rows = "rows", Columns = "columns", Mean = "mean", Deviation = "deviation";

    /// <summary>Writes a detector; the file appears complete or not at all.</summary>
    public static void Write(string path, TiledDetector detector)
    {
        // The method knows how to write its own file only; it lies beside the target, where there is room for the whole.
        string part = AtomicFile.TemporaryBeside(path);
        try
        {
            detector.Tile.Save(part);
            using ModelArchive archive = ModelArchive.Read(part);
            TiledModelCard card = detector.Card;
            using DisposeScope scope = NewDisposeScope();
            Dictionary<string, IReadOnlyDictionary<string, Tensor>> groups = new(archive.Groups)
            {
                {
                    Group, new Dictionary<string, Tensor>
                    {
                        [Rows] = tensor(detector.Places.Select(place => (long)place.Top).ToArray()),
                        [Columns] = tensor(detector.Places.Select(place => (long)place.Left).ToArray()),
                        [Mean] = detector.Scale.Mean,
                        [Deviation] = detector.Scale.Deviation,
                    }
                },
            };
            // What was done to it was done with whole images; the detector of a tile has no history of its own.
            ModelArchive.Write(
                path, archive.Manifest with { Tiles = CobraJson.ToNode(new Section(card.Tiles, card.Data, card.Calibration, card.Health)), History = ModelHistory.ToNode(card.History) }, groups);
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>Reads a detector; the caller disposes it.</summary>
    /// <param name="path">A file that <see cref="Write"/> made.</param>
    /// <param name="method">The method of its tiles.</param>
    /// <param name="device">Where it runs; the CPU when <see langword="null"/>.</param>
    /// <exception cref="ModelFormatException">The file is damaged or of a newer format.</exception>
    public static TiledDetector Read(string path, IDetectionMethod method, Device? device)
    {
        ITrainedDetector tile = method.Load(path, device);
        return Handover.OrDispose(tile, () =>
        {
            using ModelArchive archive = ModelArchive.Read(path, mapAbove: 0);
            TiledModelCard card = CardOf(path, archive.Manifest, tile.Card);
            IReadOnlyDictionary<string, Tensor> tensors = archive.Group(Group);
            long[] rows = Take(Rows, ScalarType.Int64).data<long>().ToArray(), columns = Take(Columns, ScalarType.Int64).data<long>().ToArray();
            UsualScores usual = new([.. Take(Mean, ScalarType.Float64).data<double>()], [.. Take(Deviation, ScalarType.Float64).data<double>()], card.Health.PlaceWeight);
            bool fit = rows.Length > 0 && rows.Zip(columns).All(place => place.First >= 0 && place.First + card.Tiles.Size <= card.Data.Height
                && place.Second >= 0 && place.Second + card.Tiles.Size <= card.Data.Width) && usual.Mean.All(double.IsFinite) && usual.Deviation.All(value => value > 0 && double.IsFinite(value));
            if (!fit) throw new ModelFormatException($"{path}: a tile lies outside of the images, or has no usual score. The file was changed or damaged: copy it again, or train again.");
            return new TiledDetector(card, tile, [.. rows.Zip(columns, (top, left) => ((int)top, (int)left))], new TileScale(usual, card.Health.Temperature, tile.Device));

            Tensor Take(string name, ScalarType type) => tensors.TryGetValue(name, out Tensor? found) && found.dtype == type && found.dim() == 1 && found.numel() == card.Health.Places
                ? found
                : throw new ModelFormatException($"{path}: the group '{Group}' has no tensor '{name}' for {card.Health.Places} tiles. Train the model again.");
        });
    }

    /// <summary>What a file says about its detector.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="manifest">Its manifest, which has a section about tiles.</param>
    /// <param name="tile">The card of the tiles' detector.</param>
    /// <exception cref="ModelFormatException">The section is damaged.</exception>
    public static TiledModelCard CardOf(string path, ModelManifest manifest, IModelCard tile)
    {
        string where = $"{path}, manifest.json, tiles";
        Section section = CobraJson.FromNode<Section>(manifest.Tiles, where);
        try
        {
            section.Options.Validate();
            section.Options.RequireFit(section.Data.Height, section.Data.Width);
        }
        catch (ArgumentException exception)
        {
            throw new ModelFormatException($"{where}: {exception.Message} The file was changed or damaged: copy it again, or train again.", exception);
        }

        if (section.Health.Temperature is not (> 0 and < double.PositiveInfinity)) throw new ModelFormatException($"{where}: a temperature of {section.Health.Temperature}. The file was changed or damaged: copy it again, or train again.");
        // The manifest is strict with the tile's size; the whole images' size is bounded alike.
        section.Data.Check(where);
        ScoreCalibration calibration = ScoreCalibration.Read(CobraJson.ToNode(section.Calibration), where);
        return new TiledModelCard(tile, section.Options, section.Data, calibration, section.Health) { History = ModelHistory.Read(manifest.History, path) };
    }

    /// <summary>Refuses a file whose detector works in tiles, where only the detector of a single tile could be given.</summary>
    /// <exception cref="ModelFormatException">It does.</exception>
    public static void RequireNone(string path)
    {
        if (ModelArchive.ReadManifest(path).Tiles is not null)
            throw new ModelFormatException($"{path}: the model scores images in tiles. Load it with Detector.Load or DetectionMethods.Load.");
    }

    private sealed record Section(TileOptions Options, ModelData Data, ScoreCalibration Calibration, TileHealth Health);
}
