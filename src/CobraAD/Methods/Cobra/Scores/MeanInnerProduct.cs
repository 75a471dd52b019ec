using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Scores;

/// <summary>-(1/k) Σ ⟨f, b⟩ over the k entries with the largest inner products.</summary>
/// <param name="neighbours">k.</param>
internal sealed class MeanInnerProduct(int neighbours) : ScoreForm
{
    public override string Name => FormattableString.Invariant($"mean of the {neighbours} largest inner products");

    public override Tensor Of(ScoreInput input) => -input.InnerProducts(neighbours).mean([1]);
}
