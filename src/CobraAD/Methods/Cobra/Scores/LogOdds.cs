using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Scores;

/// <summary>log p/(1 - p) under H: the same order as <see cref="AnomalyProbability"/>, without its saturation.</summary>
internal sealed class LogOdds : ScoreForm
{
    public override string Name => "log-odds of H";

    public override bool NeedsClassifier => true;

    public override bool NeedsBank => false;

    public override Tensor Of(ScoreInput input)
    {
        Tensor logits = input.Logits;
        return logits.select(1, 1) - logits.select(1, 0);
    }
}
