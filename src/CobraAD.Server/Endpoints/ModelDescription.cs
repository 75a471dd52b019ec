using System.Text.Json.Nodes;
using CobraAD.Runtime;
using CobraAD.Server.Scoring;

namespace CobraAD.Server.Endpoints;

/// <summary>What the service says about the model in use.</summary>
public sealed record ModelDescription
{
    /// <summary>What the detector is called.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the served file.</summary>
    public required string Hash { get; init; }

    /// <summary>SHA-256 of the trained model that it was exported from.</summary>
    public string? TrainedModelHash { get; init; }

    /// <summary>When it was put to work here.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Version of the library that exported it.</summary>
    public required string LibraryVersion { get; init; }

    /// <summary>How weights are stored: "float32", "float16" or "int8".</summary>
    public required string Precision { get; init; }

    /// <summary>Which score it computes.</summary>
    public required string ScoreKind { get; init; }

    /// <summary>Width to which images are resized, in pixels.</summary>
    public required int InputWidth { get; init; }

    /// <summary>Height to which images are resized, in pixels.</summary>
    public required int InputHeight { get; init; }

    /// <summary>Good training images that a part is compared with.</summary>
    public required long BankSize { get; init; }

    /// <summary>The raw score above which a part is called anomalous.</summary>
    public required double Threshold { get; init; }

    /// <summary>The model's own threshold, when the service was told to use another.</summary>
    public required double CalibratedThreshold { get; init; }

    /// <summary>Spread of good images' scores, the unit of the calibrated score.</summary>
    public required double Scale { get; init; }

    /// <summary>The share of good parts that the threshold was chosen to flag at most.</summary>
    public required double FalseAlarmRate { get; init; }

    /// <summary>With 95 % confidence the true false-alarm rate is at most this.</summary>
    public required double FalseAlarmBound { get; init; }

    /// <summary>How far an attack moves scores, when the model was evaluated.</summary>
    public RobustnessEstimate? Robustness { get; init; }

    /// <summary>Licence of the training data.</summary>
    public string? DataLicence { get; init; }

    /// <summary>What it was trained on.</summary>
    public JsonNode? Data { get; init; }

    /// <summary>Every option of its training.</summary>
    public JsonNode? Training { get; init; }

    internal static ModelDescription Of(ScorerLease lease)
    {
        ModelInfo model = lease.Scorer.Model;
        return new ModelDescription
        {
            Name = model.Name,
            Hash = model.FileHash,
            TrainedModelHash = model.ModelHash,
            Since = lease.Since,
            LibraryVersion = model.LibraryVersion,
            Precision = model.Precision,
            ScoreKind = model.ScoreKind,
            InputWidth = model.InputWidth,
            InputHeight = model.InputHeight,
            BankSize = model.BankSize,
            Threshold = lease.Scorer.Threshold,
            CalibratedThreshold = model.Threshold,
            Scale = model.Scale,
            FalseAlarmRate = model.FalseAlarmRate,
            FalseAlarmBound = model.FalseAlarmBound,
            Robustness = model.Robustness,
            DataLicence = model.DataLicence,
            Data = model.Data,
            Training = model.Options,
        };
    }
}
