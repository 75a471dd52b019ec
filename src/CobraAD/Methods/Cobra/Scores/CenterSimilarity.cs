using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Scores;

/// <summary>-max_c cos(f, c) over the bank's centers: its mean direction, or the middles of its groups; in [-1, 1].</summary>
/// <remarks>An image of the bank is not left out of its own center, of which it is one part in many.</remarks>
/// <param name="count">How many centers.</param>
internal sealed class CenterSimilarity(int count) : ScoreForm
{
    /// <summary>How many centers.</summary>
    public int Count => count;

    public override string Name => count == 1 ? "similarity to the bank's center" : FormattableString.Invariant($"similarity to the nearest of {count} centers");

    public override Tensor Of(ScoreInput input) => -input.Direction.mm(input.Bank.Summary.Centers(count).t()).amax([1L]);
}
