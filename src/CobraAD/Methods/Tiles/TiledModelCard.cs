using System.Text.Json.Serialization;
using CobraAD.Detection;
using CobraAD.Serialization.Archive;

namespace CobraAD.Methods.Tiles;

/// <summary>What is known about a model that scores images in tiles.</summary>
/// <param name="Tile">The card of the detector of a single tile; its data are the tiles that it was trained on.</param>
/// <param name="Tiles">How images are divided.</param>
/// <param name="Data">The whole images; their height and width are the size of every image it scores.</param>
/// <param name="Calibration">The operating point for whole images.</param>
/// <param name="Health">What was found out about the tiles.</param>
public sealed record TiledModelCard([property: JsonIgnore] IModelCard Tile, TileOptions Tiles, ModelData Data, ScoreCalibration Calibration, TileHealth Health) : IModelCard
{
    /// <inheritdoc/>
    public string Method => Tile.Method;

    /// <inheritdoc/>
    public string Name => $"{Tile.Name}, in tiles of {Tiles.Size} px";

    /// <summary>The method's options, which say that it works in tiles.</summary>
    [JsonIgnore]
    public DetectorOptions Options => Tile.Options with { Tiles = Tiles };

    /// <inheritdoc/>
    public IReadOnlyList<ModelUpdate> History { get; init; } = [];

    /// <inheritdoc/>
    [JsonIgnore]
    public double TrainingSeconds => Tile.TrainingSeconds;

    /// <summary>Which tiles are left out, in a sentence.</summary>
    [JsonIgnore]
    public string ContentRule => Health.LeftOut == 0
        ? "every tile is looked at"
        : FormattableString.Invariant($"{Health.LeftOut} of {Health.Places + Health.LeftOut} places are left out: no good image has content there (a standard deviation of grey values of {Tiles.Content:0.###} or more), so what lies there is not seen");
}
