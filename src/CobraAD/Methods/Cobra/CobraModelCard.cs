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

    string IModelCard.Method => CobraDetector.Kind;

    DetectorOptions IModelCard.Options => Options;

    double IModelCard.TrainingSeconds => Health.TrainingSeconds;
}
