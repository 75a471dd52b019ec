using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Scores;

/// <summary>-(1/k) Σ cos(f, b) over the k nearest entries.</summary>
/// <param name="neighbours">k.</param>
internal sealed class MeanSimilarity(int neighbours) : ScoreForm
{
    public override string Name => FormattableString.Invariant($"mean of the {neighbours} largest similarities");

    public override Tensor Of(ScoreInput input) => -input.Similarities(neighbours).mean([1]);
}
