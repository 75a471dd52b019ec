using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CobraAD.Serialization.Archive;

/// <summary>What <c>manifest.json</c> of a model file says: everything about the model that is not a tensor.</summary>
public sealed record ModelManifest
{
    /// <summary>The format that this library writes, and the newest that it reads.</summary>
    public const int CurrentFormatVersion = 1;

    /// <summary>This library's version, as files written by it name it.</summary>
    internal static string CurrentLibraryVersion { get; } =
        typeof(ModelManifest).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Version of the container's layout.</summary>
    public int FormatVersion { get; init; } = CurrentFormatVersion;

    /// <summary>What is stored: the detector's kind ("cobra", "patchcore", …) or "checkpoint".</summary>
    public required string Kind { get; init; }

    /// <summary>Version of the library that wrote the file.</summary>
    /// <value>Default: this library's version.</value>
    public string LibraryVersion { get; init; } = CurrentLibraryVersion;

    /// <summary>What the model was trained on.</summary>
    public ModelData? Data { get; init; }

    /// <summary>Every option of the detector and its training, from <see cref="CobraJson.ToNode{T}"/>.</summary>
    public JsonNode? Options { get; init; }

    /// <summary>The operating point and how it was found, as the detector's kind defines it.</summary>
    public JsonNode? Calibration { get; init; }

    /// <summary>Health figures of the training: of the pseudo-anomaly source, the last losses, the attack's gain.</summary>
    public JsonNode? Health { get; init; }

    /// <summary>How images are divided into tiles and what is usual in them; absent where a detector takes whole images.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonNode? Tiles { get; init; }

    /// <summary>Where a run stands (epoch, step, …): checkpoints only.</summary>
    public JsonNode? Progress { get; init; }

    /// <summary>What was done to the model after its training, in order; absent when nothing was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonNode? History { get; init; }

    /// <summary>The safetensors entries by file name. The writer fills it.</summary>
    [JsonInclude]
    internal IReadOnlyDictionary<string, ModelEntry> Entries { get; init; } = new Dictionary<string, ModelEntry>();
}

/// <summary>One safetensors entry of a model file, as its manifest promises it.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">SHA-256 (lower-case hex) of its bytes.</param>
internal sealed record ModelEntry(long Bytes, string Sha256);
