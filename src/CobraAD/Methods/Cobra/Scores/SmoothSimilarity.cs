using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Scores;

/// <summary>-T log Σ_b exp(cos(f, b) / T) over the nearest entries: a maximum whose gradient sees every near neighbour.</summary>
/// <param name="temperature">T; with T → 0 it becomes <see cref="Similarity"/>.</param>
internal sealed class SmoothSimilarity(double temperature) : ScoreForm
{
    private const int Neighbours = 256;

    public override Tensor Of(ScoreInput input) => -(input.Similarities(Neighbours) / temperature).logsumexp(1) * temperature;
}
