using CobraAD.Losses;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Scores;

/// <summary>A'(x) = p(pseudo-anomaly | x) under H; in [0, 1] (paper, appendix E).</summary>
internal sealed class AnomalyProbability : ScoreForm
{
    public override string Name => "probability under H";

    public override bool NeedsClassifier => true;

    public override bool NeedsBank => false;

    public override Tensor Of(ScoreInput input) => ClassificationLoss.AnomalyProbability(input.Logits);
}
