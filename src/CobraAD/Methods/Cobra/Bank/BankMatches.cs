using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Bank;

/// <summary>The most similar bank entries of each query, most similar first.</summary>
/// <param name="Similarity">float64 [Q, k]; connected to the queries in the autograd graph.</param>
/// <param name="Index">int64 [Q, k], rows of the bank.</param>
internal sealed record BankMatches(Tensor Similarity, Tensor Index) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Similarity.Dispose();
        Index.Dispose();
    }
}
