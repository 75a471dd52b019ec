using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Ocsdf;

/// <summary>
/// The matrix with orthonormal columns that is nearest to a given one, by Björck's iteration W ← 3/2 W - 1/2 W WᵀW (Björck and Bowie 1971). A
/// singular value s becomes s(3 - s²)/2, which tends to 1 from anywhere between 0 and √3.
/// </summary>
internal static class OrthonormalColumns
{
    private const int MostRounds = 200;

    /// <summary>Some rounds, as part of the graph; the caller disposes the result.</summary>
    /// <param name="matrices">[n, rows, columns], rows ≥ columns, with singular values near 1.</param>
    /// <param name="rounds">How many.</param>
    public static Tensor Approach(Tensor matrices, int rounds)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor result = matrices.alias();
        for (int i = 0; i < rounds; i++) result = Round(result);
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Rounds until the columns are orthonormal; constant. The caller disposes the result.</summary>
    /// <param name="matrices">[n, rows, columns], rows ≥ columns, of full rank.</param>
    /// <param name="tolerance">Largest ‖WᵀW - 1‖ (Frobenius) of a matrix.</param>
    /// <exception cref="InvalidOperationException">A matrix is not finite, or its columns depend on each other.</exception>
    public static Tensor Nearest(Tensor matrices, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor result = matrices.detach();
        Tensor gram = result.transpose(1, 2).bmm(result);
        // Below 1 every singular value is between 0 and √2. Elsewhere the largest row sum of WᵀW, which bounds its eigenvalues, brings them to at most 1.
        if (!(Residual(gram) < 1)) result = result / gram.abs().sum([2]).amax([1L]).sqrt().view(-1, 1, 1);
        for (int i = 0; i < MostRounds; i++)
        {
            double residual = Residual(result.transpose(1, 2).bmm(result));
            if (residual <= tolerance) return result.MoveToOuterDisposeScope();
            if (!double.IsFinite(residual)) break;
            result = Round(result);
        }

        throw new InvalidOperationException("The columns of a layer's matrix cannot be made orthonormal: they depend on each other, or are not finite. Use a lower learning rate.");
    }

    private static Tensor Round(Tensor matrices) => 1.5 * matrices - 0.5 * matrices.bmm(matrices.transpose(1, 2).bmm(matrices));

    /// <summary>The largest ‖WᵀW - 1‖ (Frobenius).</summary>
    private static double Residual(Tensor gram) =>
        (gram - eye(gram.size(1), dtype: gram.dtype, device: gram.device)).square().sum([1L, 2L]).sqrt().max().to(ScalarType.Float64).item<double>();
}
