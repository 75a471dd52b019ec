using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Scores;

/// <summary>The unweighted sum of two forms.</summary>
internal sealed class SumOf(ScoreForm first, ScoreForm second) : ScoreForm
{
    public override bool NeedsClassifier => first.NeedsClassifier || second.NeedsClassifier;

    public override Tensor Of(ScoreInput input) => first.Of(input) + second.Of(input);
}
