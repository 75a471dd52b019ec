using CobraAD.PseudoAnomalies;
using CobraAD.Training;

namespace CobraAD.Methods.Cobra.Training;

/// <summary>Sums over the steps of an unfinished epoch; a checkpoint keeps them, so a resumed epoch reports the same means.</summary>
internal sealed record EpochTotals(
    int Steps, long Images, double Loss, double ContrastiveLoss, double ClassificationLoss, double AttackGain, double LearningRate, double Seconds,
    PseudoAnomalyStatistics PseudoAnomalies)
{
    public double? AttackStrength { get; init; }

    public static EpochTotals None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, PseudoAnomalyStatistics.None);

    public EpochTotals Add(StepOutcome step, double learningRate, double seconds, PseudoAnomalyStatistics pseudoAnomalies) => new(
        Steps + 1, Images + step.Images, Loss + step.Loss, ContrastiveLoss + step.ContrastiveLoss, ClassificationLoss + step.ClassificationLoss,
        step.AttackGain ?? AttackGain, learningRate, Seconds + seconds, PseudoAnomalies + pseudoAnomalies)
    {
        AttackStrength = step.AttackStrength ?? AttackStrength,
    };

    public EpochSummary Summarize(int epoch) => new(
        epoch, Loss / Steps, ContrastiveLoss / Steps, ClassificationLoss / Steps, AttackGain, LearningRate, PseudoAnomalies.AcceptancePerTry,
        (double)PseudoAnomalies.Exhausted / PseudoAnomalies.Images, Images / Seconds)
    {
        AttackStrength = AttackStrength,
    };
}
