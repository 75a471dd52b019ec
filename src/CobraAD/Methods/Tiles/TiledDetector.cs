using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods.Common;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Tiles;

/// <summary>A detector of large images: a detector of any method scores the tiles, and their smooth maximum is the image's score.</summary>
internal sealed class TiledDetector : IUpdatable, IAnomalyMap
{
    private readonly TilePass pass;

    /// <summary>Puts a detector together.</summary>
    /// <param name="card">What is known about it.</param>
    /// <param name="tile">The detector of a single tile; taken over.</param>
    /// <param name="places">The tiles that are looked at.</param>
    /// <param name="scale">How their scores become one; taken over.</param>
    public TiledDetector(TiledModelCard card, ITrainedDetector tile, IReadOnlyList<(int Top, int Left)> places, TileScale scale)
    {
        Card = card;
        Tile = tile;
        Places = places;
        Scale = scale;
        pass = new TilePass(card.Tiles.Size, places);
        Surrogates =
        [
            new ScoreSurrogate("mean over the tiles", images => pass.Reduce(TileScore, scores => Scale.Standardize(scores).mean([1]), images)),
            new ScoreSurrogate("smoother maximum over the tiles", images => pass.Reduce(TileScore, scores => Scale.SmoothMaximum(scores, 10 * Scale.Temperature), images)),
            // What stands in for the score of a tile has another scale: places cannot be compared by it, so all tiles count alike.
            .. tile.Surrogates.Select(surrogate => new ScoreSurrogate(
                $"mean over the tiles of the {surrogate.Name}", images => pass.Reduce(surrogate.Score, scores => scores.mean([1]), images))),
        ];
    }

    public TiledModelCard Card { get; private set; }

    IModelCard ITrainedDetector.Card => Card;

    public string Name => Card.Name;

    public Device Device => Tile.Device;

    public double? Threshold => Card.Calibration.Threshold;

    public bool IsDifferentiable => Tile.IsDifferentiable;

    public IReadOnlyList<ScoreSurrogate> Surrogates { get; }

    /// <summary>The tiles' detector compares them with those of good images.</summary>
    public bool HasBank => Tile is IUpdatable { HasBank: true };

    /// <summary>The image's score rises with that of every tile: where no tile's can rise, the image's cannot.</summary>
    public bool ScoresOnlyFall => Tile is IUpdatable { ScoresOnlyFall: true };

    /// <summary>The detector of a single tile; owned by this one.</summary>
    internal ITrainedDetector Tile { get; }

    /// <summary>Where the tiles lie that are looked at.</summary>
    internal IReadOnlyList<(int Top, int Left)> Places { get; }

    /// <summary>How tile scores become a map.</summary>
    internal TileMap Map => new(Card.Data.Height, Card.Data.Width, Card.Tiles, Places);

    /// <summary>How tile scores become one; owned by the detector.</summary>
    internal TileScale Scale { get; }

    /// <summary>The smooth maximum of the standardised tile scores, differentiable in memory that does not grow with the image (<see cref="TilePass"/>).</summary>
    /// <returns>float64 [B].</returns>
    /// <exception cref="ArgumentException">The images are not of the model's size: places mean nothing in others.</exception>
    public Tensor Score(Tensor images)
    {
        RequireSize(images);
        return pass.Reduce(TileScore, Scale.Reduce, images);
    }

    /// <summary>Which tiles are unusual, blended where they overlap (<see cref="TileMap"/>). It is as fine as tiles overlap.</summary>
    public Tensor HeatMap(Tensor images)
    {
        RequireSize(images);
        using DisposeScope scope = NewDisposeScope();
        return Map.Of(Scale.Standardize(TileScores(images))).MoveToOuterDisposeScope();
    }

    public void Recalibrate(ImageSet goodImages, double falseAlarmRate)
    {
        ArgumentNullException.ThrowIfNull(goodImages);
        Card = Card with { Calibration = OperatingPoint.Find(images => FiniteScore.Of(this, images), goodImages, Device, falseAlarmRate, heldOut: true) };
    }

    /// <summary>Adds the tiles that are looked at and have content, as training took them. What is usual at each place stays as trained.</summary>
    public void Extend(ImageSet goodImages)
    {
        ArgumentNullException.ThrowIfNull(goodImages);
        if (Tile is not IUpdatable { HasBank: true } bank) throw new NotSupportedException($"{Name} has no bank that can be added to.");
        using ImageSet tiles = goodImages.Tiles(Card.Tiles.Size, TileChoice.WithContent(goodImages, Card.Tiles, Places));
        bank.Extend(tiles);
    }

    public void Record(ModelUpdate? update, ScoreCalibration calibration) =>
        Card = Card with { Calibration = calibration, History = update is null ? Card.History : [.. Card.History, update] };

    public void Save(string path) => TiledModelFile.Write(path, this);

    public void Dispose()
    {
        Tile.Dispose();
        Scale.Dispose();
    }

    /// <summary>Sets the operating point.</summary>
    internal void Calibrate(ScoreCalibration calibration) => Card = Card with { Calibration = calibration };

    /// <summary>The score of every tile that is looked at, float64 [B, places], without a gradient; the caller disposes it.</summary>
    internal Tensor TileScores(Tensor images) => pass.Scores(TileScore, images);

    private Tensor TileScore(Tensor tiles) => FiniteScore.Of(Tile, tiles);

    private void RequireSize(Tensor images)
    {
        if (images.size(2) == Card.Data.Height && images.size(3) == Card.Data.Width) return;
        throw new ArgumentException($"The model scores images of {Card.Data.Width} × {Card.Data.Height} pixels in tiles, found {images.size(3)} × {images.size(2)}. Resize the images first.", nameof(images));
    }
}
