using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Scores;

/// <summary>-max_b cos(f, b) over the bank without the entries that lie farthest from its center; in [-1, 1].</summary>
/// <param name="share">The share of the entries left out.</param>
internal sealed class TrimmedSimilarity(double share) : ScoreForm
{
    /// <summary>The share of the entries left out.</summary>
    public double Share => share;

    public override string Name => FormattableString.Invariant($"similarity without the {100 * share:0.#} % of the bank farthest from its center");

    public override Tensor Of(ScoreInput input)
    {
        Tensor cosines = input.Direction.mm(input.Bank.Summary.Central(share).t());
        int place = Math.Min(input.LeftOut, (int)cosines.size(1) - 1);
        return place == 0 ? -cosines.amax([1L]) : -cosines.topk(place + 1, 1).values.select(1, place);
    }
}
