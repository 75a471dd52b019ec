using CobraAD.Detection;
using CobraAD.Serialization.Archive;

namespace CustomMethod;

/// <summary>What is known about a detector of the method from outside.</summary>
public sealed record MeanColourCard(MeanColourOptions Options, ModelData Data, ScoreCalibration Calibration) : IModelCard
{
    public string Method => MeanColourMethod.Kind;

    public string Name => "mean colour";

    DetectorOptions IModelCard.Options => Options;

    public double TrainingSeconds => 0;
}
