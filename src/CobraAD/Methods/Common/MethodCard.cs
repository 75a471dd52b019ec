using System.Text.Json.Serialization;
using CobraAD.Detection;
using CobraAD.Serialization.Archive;

namespace CobraAD.Methods.Common;

/// <summary>What is known about a detector that a method trained.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Name">What the detector is called in reports.</param>
/// <param name="Options">Every option of the training and of the score.</param>
/// <param name="Data">What it was trained on.</param>
/// <param name="Calibration">The operating point.</param>
/// <param name="Health">How the training went.</param>
internal sealed record MethodCard<TOptions>(
    string Method, string Name, TOptions Options, ModelData Data, ScoreCalibration Calibration, MethodHealth Health) : IModelCard
    where TOptions : DetectorOptions
{
    DetectorOptions IModelCard.Options => Options;

    /// <summary>What was done to it after its training, in order.</summary>
    public IReadOnlyList<ModelUpdate> History { get; init; } = [];

    [JsonIgnore]
    public double TrainingSeconds => Health.TrainingSeconds;
}
