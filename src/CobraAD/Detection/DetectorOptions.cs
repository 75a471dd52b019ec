using System.Text.Json.Serialization;

namespace CobraAD.Detection;

/// <summary>
/// What the options of every detection method share. Each method has a record of its own, which configuration files, the command line
/// and model files hold.
/// </summary>
public abstract record DetectorOptions
{
    /// <summary>Name of the preset that the options started from, for reports.</summary>
    /// <value>Default "default"; COBRA's is "paper".</value>
    [JsonPropertyOrder(-3)]
    public string Preset { get; init; } = "default";

    /// <summary>The seed of everything random. The same seed, machine and thread count give the same weights bit for bit on a CPU.</summary>
    /// <value>Default 0.</value>
    [JsonPropertyOrder(-2)]
    public long Seed { get; init; }

    /// <summary>How the threshold is set.</summary>
    [JsonPropertyOrder(1)]
    public CalibrationOptions Calibration { get; init; } = new();

    /// <summary>Whether large images are gone through tile by tile, and how.</summary>
    /// <value>Default <see langword="null"/>: a whole image at a time.</value>
    [JsonPropertyOrder(2)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TileOptions? Tiles { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public virtual void Validate()
    {
        Calibration.Validate();
        Tiles?.Validate();
    }
}
