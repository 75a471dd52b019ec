using CobraAD.Losses;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Networks;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Scores;

/// <summary>What a score is computed from.</summary>
/// <param name="Output">What the network says about the images.</param>
/// <param name="Bank">The embeddings of the normal training images.</param>
/// <param name="LeftOut">How many of the nearest entries do not count: 1 where the images are the bank's own, since each finds itself first.</param>
internal readonly record struct ScoreInput(CobraOutput Output, EmbeddingBank Bank, int LeftOut)
{
    /// <summary>The logits of H, float64 [B, 2]: normal, anomalous.</summary>
    public Tensor Logits => Output.Logits.to(ScalarType.Float64);

    /// <summary>The largest cosines cos(f, b), descending, float64 [B, count]; fewer where the bank is smaller.</summary>
    public Tensor Similarities(int count) => Counted(Bank.MostSimilar(Output.Embeddings, count + LeftOut).Similarity);

    /// <summary>f/‖f‖, float64 [B, D].</summary>
    public Tensor Direction => UnitLength.Of(Output.Embeddings.to(ScalarType.Float64));

    /// <summary>The cosines cos(f, b) to the whole bank (<see cref="BankSummary"/>), without those left out, in no order; float64 [B, n].</summary>
    public Tensor Cosines()
    {
        Tensor cosines = Direction.mm(Bank.Summary.Directions.t());
        return LeftOut == 0 ? cosines : cosines.sort(1).Values.narrow(1, 0, Math.Max(1, cosines.size(1) - LeftOut));
    }

    /// <summary>The largest inner products ⟨f, b⟩, descending, float64 [B, count]; fewer where the bank is smaller.</summary>
    public Tensor InnerProducts(int count) => Counted(Bank.LargestInnerProduct(Output.Embeddings, count + LeftOut).Similarity);

    private Tensor Counted(Tensor nearest) => LeftOut == 0 ? nearest : nearest.narrow(1, LeftOut, nearest.size(1) - LeftOut);
}
