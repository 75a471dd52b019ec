using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Common;

/// <summary>
/// Of the items nearest to an image those that are not alike: an attack that aims at copies of one training image aims at one place several times.
/// </summary>
internal static class DistinctItems
{
    private const int CandidatesEach = 4;

    // Copies that went through float32 features differ by less than this share of their squared length.
    private const double SameShare = 2e-6;

    /// <summary>How many near items to look among.</summary>
    /// <param name="count">How many are wanted.</param>
    public static int Candidates(int count) => CandidatesEach * count;

    /// <summary>The first items of each row that are like none before them, then, where there are too few, the first of the others.</summary>
    /// <param name="rows">Names of the items, nearest first, int64 [Q, k].</param>
    /// <param name="items">The items, float64 [Q, k, D].</param>
    /// <param name="count">How many; cut at k.</param>
    /// <returns>int64 [Q, count], in the caller's scope.</returns>
    public static Tensor First(Tensor rows, Tensor items, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor products = items.bmm(items.transpose(1, 2));
        Tensor squared = products.diagonal(0, 1, 2);
        Tensor apart = squared.unsqueeze(2) + squared.unsqueeze(1) - 2 * products;
        Tensor alike = apart.le(SameShare * squared.unsqueeze(2)).to(ScalarType.Int64).tril(-1).amax([2L]);
        Tensor place = arange(rows.size(1), ScalarType.Int64, rows.device).unsqueeze(0) + alike * rows.size(1);
        return rows.gather(1, place.argsort(1)).narrow(1, 0, Math.Min(count, rows.size(1))).MoveToOuterDisposeScope();
    }
}
