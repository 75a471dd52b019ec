using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Scores;

/// <summary>-max_b ⟨f, b⟩, un-normalised, hence unbounded (paper, appendix E).</summary>
internal sealed class InnerProduct : ScoreForm
{
    public override string Name => "largest inner product";

    public override Tensor Of(ScoreInput input) => -input.InnerProducts(1).select(1, 0);
}
