using System.Text.Json.Serialization;
using CobraAD.Detection;
using CobraAD.Serialization.Archive;

namespace CobraAD.Methods.Cobra;

/// <summary>What is known about a trained COBRA model besides its tensors.</summary>
/// <param name="Options">Every option of the training and of the score.</param>
/// <param name="Data">What it was trained on; its height and width are the size of every image it scores.</param>
/// <param name="Calibration">The operating point.</param>
/// <param name="Health">How the training went.</param>
public sealed record CobraModelCard(CobraOptions Options, ModelData Data, ScoreCalibration Calibration, CobraHealth Health) : IModelCard
{
    /// <summary>What the detector is called in reports.</summary>
    public string Name => (Options.Attack is null ? "COBRA, trained without attack" : "COBRA") + (Options.Init is null ? "" : ", started from ImageNet weights (beyond the paper)");

    /// <summary>What was done to it after its training, in order.</summary>
    public IReadOnlyList<ModelUpdate> History { get; init; } = [];

    /// <summary>The score that the detector reports: what the options name, or what was chosen where they leave it open.</summary>
    [JsonIgnore]
    public CobraScore Score => Health.Score?.Score ?? Options.Score;

    /// <summary>The constants of that score.</summary>
    [JsonIgnore]
    public CobraScoreConstants ScoreConstants => Health.Score?.Constants ?? Options.ScoreConstants;

    /// <summary>Training and score in a phrase, for reports.</summary>
    internal string Description =>
        $"{(Options.Attack is { } attack ? $"trained against {attack.Describe()}" : "trained without attack")}, scored by {CobraScores.Of(Score, ScoreConstants).Name}";

    /// <summary>The card of the same training with another score, for which it has no threshold.</summary>
    internal CobraModelCard With(CobraScore score, CobraScoreConstants constants)
    {
        CobraScoreConstants settled = constants with { LogOddsWeight = constants.LogOddsWeight ?? ScoreConstants.LogOddsWeight };
        return this with
        {
            Options = Options with { Score = score, ScoreConstants = constants },
            Health = Health with { Score = new ScoreChoice(score, settled, []) },
            Calibration = Calibration with { Threshold = double.PositiveInfinity },
        };
    }

    string IModelCard.Method => CobraDetector.Kind;

    DetectorOptions IModelCard.Options => Options;

    /// <remarks>The filter's classifier, or another source's own training, is part of it.</remarks>
    double IModelCard.TrainingSeconds => Health.PseudoAnomalies.PreparationSeconds + Health.TrainingSeconds;
}
