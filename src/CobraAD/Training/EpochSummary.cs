using CobraAD.Training.Adversarial;

namespace CobraAD.Training;

/// <summary>One epoch of a training.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="Loss">Mean of what was minimised.</param>
/// <param name="ContrastiveLoss">Mean of the contrastive part.</param>
/// <param name="ClassificationLoss">Mean of the classification part, unweighted.</param>
/// <param name="AttackGain">By how much the training attack raised its objective for an image, mean of the epoch's first batch; 0 without attack.</param>
/// <param name="LearningRate">Of the last step.</param>
/// <param name="AcceptancePerTry">Share of the pseudo-anomaly candidates that were accepted.</param>
/// <param name="ExhaustedShare">Share of the pseudo-anomalies for which no candidate was accepted in time.</param>
/// <param name="ImagesPerSecond">Normal images trained on per second.</param>
public sealed record EpochSummary(
    int Epoch, double Loss, double ContrastiveLoss, double ClassificationLoss, double AttackGain, double LearningRate, double AcceptancePerTry,
    double ExhaustedShare, double ImagesPerSecond)
{
    /// <summary>
    /// The training attack's gain as a share of a stronger attack's on the same batch; <see langword="null"/> when it was not checked
    /// (<see cref="InnerMaximizationOptions.CheckSteps"/>).
    /// </summary>
    public double? AttackStrength { get; init; }
}
