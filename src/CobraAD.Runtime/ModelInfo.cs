using System.Text.Json.Nodes;
using CobraAD.Imaging;

namespace CobraAD.Runtime;

/// <summary>What an exported model says about itself.</summary>
public sealed record ModelInfo
{
    /// <summary>What the detector is called in reports.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 (hex) of the <c>.cobra</c> file that was exported; <see langword="null"/> when it was exported from memory.</summary>
    public string? ModelHash { get; init; }

    /// <summary>SHA-256 (hex) of the <c>.onnx</c> file itself.</summary>
    public required string FileHash { get; init; }

    /// <summary>Version of the library that exported it.</summary>
    public required string LibraryVersion { get; init; }

    /// <summary>How weights are stored: "float32", "float16" or "int8".</summary>
    public required string Precision { get; init; }

    /// <summary>
    /// Which score it computes: of COBRA "similarity", "classifier", "sum", "innerProduct", "smooth", "center", "trimmed", "logOdds" or "smoothAndLogOdds"; "neighbours" (DN2
    /// and its relatives) or "patches" (PatchCore).
    /// </summary>
    public required string ScoreKind { get; init; }

    /// <summary>Height to which images are resized before the network sees them, in pixels.</summary>
    public required int InputHeight { get; init; }

    /// <summary>Width to which images are resized before the network sees them, in pixels.</summary>
    public required int InputWidth { get; init; }

    /// <summary>Number of normal training images in the bank; of PatchCore the number of stored patches.</summary>
    public required long BankSize { get; init; }

    /// <summary>The calibrated threshold: a raw score above it is anomalous.</summary>
    public required double Threshold { get; init; }

    /// <summary>Spread of good images' scores, the unit of the calibrated score.</summary>
    public required double Scale { get; init; }

    /// <summary>The share of good parts that the threshold was chosen to flag at most.</summary>
    public required double FalseAlarmRate { get; init; }

    /// <summary>With 95 % confidence the true false-alarm rate is at most this.</summary>
    public required double FalseAlarmBound { get; init; }

    /// <summary>Scores of the good images that the threshold was set from, ascending; empty when the model does not carry them.</summary>
    public IReadOnlyList<double> CalibrationScores { get; init; } = [];

    /// <summary>How far an attack moves scores; <see langword="null"/> when the export was not given an estimate.</summary>
    public RobustnessEstimate? Robustness { get; init; }

    /// <summary>Licence of the training data, when the export was told.</summary>
    public string? DataLicence { get; init; }

    /// <summary>What it was trained on, as the model file says.</summary>
    public JsonNode? Data { get; init; }

    /// <summary>How pictures become the network's input, as <see cref="Data"/> says.</summary>
    internal Placement Placement { get; init; } = Placement.Plain;

    /// <summary>Every option of its training, as the model file says.</summary>
    public JsonNode? Options { get; init; }

    /// <summary>The calibrated score of a raw score for a given threshold.</summary>
    /// <param name="score">A raw score.</param>
    /// <param name="threshold">The threshold; the model's own when <see langword="null"/>.</param>
    /// <returns>A value in [0, 1]; 0.5 at the threshold.</returns>
    public double Calibrate(double score, double? threshold = null) => 1 / (1 + Math.Exp(((threshold ?? Threshold) - score) / Scale));
}
