using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Scores;

/// <summary>A(x) = -max_b cos(f, b); in [-1, 1] (paper, section 3.3).</summary>
internal sealed class Similarity : ScoreForm
{
    public override string Name => "largest similarity";

    public override Tensor Of(ScoreInput input) => -input.Similarities(1).select(1, 0);
}
