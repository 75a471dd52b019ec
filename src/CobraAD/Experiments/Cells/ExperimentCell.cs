using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CobraAD.Attacks;
using CobraAD.Detection;
using CobraAD.Methods.Cobra;
using CobraAD.Serialization;

namespace CobraAD.Experiments.Cells;

/// <summary>
/// The smallest piece of an experiment: one training or one evaluation of it. Its result is a function of this description (and of the
/// data set's content, which the result records), so the description's hash is its name in a store.
/// </summary>
internal sealed record ExperimentCell
{
    /// <summary>Key of the data set, one of <see cref="CobraAD.Datasets.Paper.PaperDatasets.All"/>.</summary>
    public required string Dataset { get; init; }

    /// <summary>The normal class or the category; <see langword="null"/> when the whole data set is normal.</summary>
    public string? Class { get; init; }

    /// <summary>Key of the data set whose images are the anomalies; <see langword="null"/> for the data set's own.</summary>
    public string? Anomalies { get; init; }

    /// <summary>What is found out.</summary>
    public CellMeasure Measure { get; init; }

    /// <summary>Side in pixels to which images are resized.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Most training images; all when <see langword="null"/>.</summary>
    public int? MaxTrain { get; init; }

    /// <summary>Most test images of each class that are attacked; all when <see langword="null"/>.</summary>
    public int? SamplesPerClass { get; init; }

    /// <summary>The method, its training, and the score of the detector.</summary>
    [JsonConverter(typeof(CellOptions))]
    public required DetectorOptions Options { get; init; }

    /// <summary>SHA-256 (hex) of the backbone's weight file, which <see cref="Options"/> give the bare name of; <see langword="null"/> where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BackboneSha256 { get; init; }

    /// <summary>What the attacker may do, as <see cref="ThreatModel.Parse"/> reads it.</summary>
    public required string Threat { get; init; }

    /// <summary>
    /// Radii of the threat's norm, ascending, e.g. "2/255", each of which starts from what the smaller ones found; <see langword="null"/> for the
    /// threat's own alone.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Radii { get; init; }

    /// <summary>The attacks, as <see cref="AttackRecipe.Parse"/> reads them.</summary>
    public IReadOnlyList<string> Attacks { get; init; } = [];

    /// <summary>COBRA's options.</summary>
    /// <exception cref="InvalidCastException">The cell is of another method.</exception>
    [JsonIgnore]
    public CobraOptions Cobra => (CobraOptions)Options;

    /// <summary>SHA-256 (hex) of the whole description.</summary>
    public string Hash() => HashOf(CobraJson.ToNode(this)!);

    /// <summary>
    /// SHA-256 (hex) of what decides the trained weights: cells that differ only in attack, sample or score share one model.
    /// </summary>
    public string ModelHash()
    {
        JsonObject training = new()
        {
            ["dataset"] = Dataset,
            ["class"] = Class,
            ["imageSize"] = ImageSize,
            ["maxTrain"] = MaxTrain,
            ["options"] = CellOptions.ToNode(WithoutScore(Options)),
        };
        if (BackboneSha256 is not null) training["backboneSha256"] = BackboneSha256;
        return HashOf(training);
    }

    /// <summary>The data set with its class and its anomalies, for people.</summary>
    public override string ToString() => $"{Dataset}{(Class is null ? "" : $" {Class}")}{(Anomalies is null ? "" : $" against {Anomalies}")}, seed {Options.Seed}";

    /// <summary>A score that is named can be computed by any model; one that is chosen belongs to its own.</summary>
    private static DetectorOptions WithoutScore(DetectorOptions options) =>
        options is CobraOptions { Score: not CobraScore.Auto } own ? own with { Score = CobraScore.Similarity, ScoreConstants = new() } : options;

    private static string HashOf(JsonNode description) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(description.ToJsonString(CobraJson.Options))));
}
