using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CobraAD.Networks.Residual;
using CobraAD.Networks.Transformer;
using CobraAD.Serialization;

namespace CobraAD.Networks.Backbones;

/// <summary>What an in-house backbone file says about itself, in its metadata.</summary>
public sealed record PretrainingRecord
{
    /// <summary>The key of the metadata under which the record stands, as JSON.</summary>
    public const string Key = "cobra.pretraining";

    /// <summary>What it was trained for.</summary>
    public required PretrainingObjective Objective { get; init; }

    /// <summary>The network; its weights fit no other.</summary>
    public required ResNetOptions Network { get; init; }

    /// <summary>The network, when it is a vision transformer; <see cref="Network"/> is then not used.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VisionTransformerOptions? Transformer { get; init; }

    /// <summary>The side of the images it was trained on, in pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>The name of the data set.</summary>
    public required string Dataset { get; init; }

    /// <summary>SHA-256 over images and labels: <see cref="Datasets.LabelledImages.Fingerprint"/>.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Number of training images.</summary>
    public required int Images { get; init; }

    /// <summary>The classes of the data set that it has seen.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The classes that were left out.</summary>
    public IReadOnlyList<string> ExcludedClasses { get; init; } = [];

    /// <summary>Passes over the images.</summary>
    public required int Epochs { get; init; }

    /// <summary>The seed of everything random.</summary>
    public required long Seed { get; init; }

    /// <summary>Mean loss of each epoch.</summary>
    public IReadOnlyList<double> Losses { get; init; } = [];

    /// <summary>Number of held-out images.</summary>
    public int HeldOutImages { get; init; }

    /// <summary>
    /// Share of the held-out images whose class is found: by the classifier, or, for <see cref="PretrainingObjective.Simclr"/>, by the nearest
    /// mean of the training features of a class. <see langword="null"/> when nothing was held out.
    /// </summary>
    public double? Accuracy { get; init; }

    /// <summary>The same when each held-out image is attacked as in training; <see langword="null"/> for the other objectives.</summary>
    public double? RobustAccuracy { get; init; }

    /// <summary>ε of the training attack; <see langword="null"/> for the other objectives.</summary>
    public double? Epsilon { get; init; }

    /// <summary>Steps of the training attack; <see langword="null"/> for the other objectives.</summary>
    public int? AttackSteps { get; init; }

    /// <summary>How long it was trained.</summary>
    public double TrainingSeconds { get; init; }

    /// <summary>Version of the library that trained it.</summary>
    public required string LibraryVersion { get; init; }

    /// <summary>E.g. "in-house ResNet18 ×0.25 (supervised, cifar-10 without cat, 32 px)".</summary>
    [JsonIgnore]
    public string Description
    {
        get
        {
            string width = Network.WidthFactor == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" ×{Network.WidthFactor:0.###}");
            string objective = Objective switch
            {
                PretrainingObjective.Supervised => "supervised",
                PretrainingObjective.Simclr => "SimCLR",
                _ => string.Create(CultureInfo.InvariantCulture, $"adversarial PGD-{AttackSteps} ε = {255 * Epsilon:0.##}/255"),
            };
            string without = ExcludedClasses.Count == 0 ? "" : $" without {string.Join(", ", ExcludedClasses)}";
            return $"in-house {Transformer?.Name ?? $"{Network.Variant}{width}"} ({objective}, {Dataset}{without}, {ImageSize} px)";
        }
    }

    /// <summary>The metadata of a file.</summary>
    internal IReadOnlyDictionary<string, string> ToMetadata() => new Dictionary<string, string>
    {
        // What PyTorch's own readers look for.
        ["format"] = "pt",
        [Key] = CobraJson.ToNode(this)!.ToJsonString(),
    };

    /// <summary>The record of a file; <see langword="null"/> when it was made elsewhere.</summary>
    /// <exception cref="ModelFormatException">The record is damaged.</exception>
    internal static PretrainingRecord? From(IReadOnlyDictionary<string, string> metadata, string source)
    {
        if (!metadata.TryGetValue(Key, out string? json)) return null;
        string where = $"{source}, metadata \"{Key}\"";
        try
        {
            PretrainingRecord record = CobraJson.FromNode<PretrainingRecord>(CobraJson.Parse(Encoding.UTF8.GetBytes(json)), where);
            record.Network.Validate();
            record.Transformer?.Validate();
            return record;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentOutOfRangeException)
        {
            throw new ModelFormatException($"{where}: {exception.Message.Split('\n')[0]} The file was changed or damaged: copy it again, or pretrain again.", exception);
        }
    }
}
