using CobraAD.Losses;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Bank.Search;

/// <summary>
/// A bank's entries b_i as a search reads them: the entries themselves, or whole numbers w_i of 16 bits that are near b_i up to a
/// factor for each; and with each a factor f_i that makes f_i⟨ẑ, w_i⟩ near the cosine ⟨ẑ, b̂_i⟩, where b̂ = b / (‖b‖ + 1e-8).
/// </summary>
internal sealed unsafe class BankRows : IDisposable
{
    /// <summary>The unit roundoff of float32.</summary>
    private const double Unit = 1.0 / (1 << 24);

    private const double LargestWhole = short.MaxValue;

    private readonly Tensor factors;
    private readonly Tensor? compact;

    /// <summary>Measures the entries; they must outlive this and stay where they are.</summary>
    /// <param name="entries">float32 [N, D] on the CPU, contiguous.</param>
    /// <param name="compactly">Whether cosines are searched in a copy of 16 bits a number.</param>
    /// <param name="threads">How many threads measure.</param>
    public BankRows(Tensor entries, bool compactly, int threads)
    {
        Count = entries.size(0);
        Dimension = (int)entries.size(1);
        Entries = Address<float>(entries);
        factors = empty(Count, dtype: ScalarType.Float32).DetachFromDisposeScope();
        Factors = Address<float>(factors);
        if (compactly)
        {
            compact = empty(Count, Dimension, dtype: ScalarType.Int16).DetachFromDisposeScope();
            Compact = Address<short>(compact);
        }

        Measure[] parts = new Measure[BankSearch.Parts(Count, Dimension, threads)];
        Parallel.For(0, parts.Length, part =>
        {
            for (long row = Count * part / parts.Length; row < Count * (part + 1) / parts.Length; row++) parts[part] = parts[part].With(MeasureRow(row));
        });
        Measure all = parts.Aggregate((a, b) => a.With(b));
        LargestNorm = all.Norm;
        CosineError = CosineErrorFor(all);
    }

    /// <summary>Number of entries.</summary>
    public long Count { get; }

    /// <summary>Numbers of an entry.</summary>
    public int Dimension { get; }

    /// <summary>b: [N, D].</summary>
    public float* Entries { get; }

    /// <summary>w: [N, D]; null when the entries themselves are searched.</summary>
    public short* Compact { get; }

    /// <summary>f: [N].</summary>
    public float* Factors { get; }

    /// <summary>The largest ‖b‖; not finite when an entry is not.</summary>
    public double LargestNorm { get; }

    /// <summary>No f_i⟨ẑ, w_i⟩ computed in float32 is further than this from the cosine ⟨ẑ, b̂_i⟩.</summary>
    public double CosineError { get; }

    /// <summary>No ⟨z, b_i⟩ computed in float32 is further than this from the exact one, for a query of this norm.</summary>
    public double ProductError(double queryNorm) =>
        // An overflow on the way would make any error possible.
        queryNorm * LargestNorm < 1e38 && LargestNorm < 1e38 && queryNorm < 1e38
            ? Rounding(Dimension) * queryNorm * LargestNorm + Underflow(Dimension) * (1 + queryNorm + LargestNorm)
            : double.PositiveInfinity;

    /// <summary>⟨ẑ, b̂⟩ in float64.</summary>
    public double Cosine(double* query, long row)
    {
        float* entry = Entries + row * Dimension;
        return Product(query, entry) / (Norm(entry) + UnitLength.Floor);
    }

    /// <summary>⟨z, b⟩ in float64.</summary>
    public double Product(double* query, long row) => Product(query, Entries + row * Dimension);

    public void Dispose()
    {
        factors.Dispose();
        compact?.Dispose();
    }

    /// <summary>Where the numbers of a contiguous tensor on the CPU begin.</summary>
    internal static T* Address<T>(Tensor tensor)
        where T : unmanaged
    {
        // One row only: a span cannot be longer than 2 GiB.
        using Tensor first = tensor.narrow(0, 0, 1);
        fixed (byte* bytes = first.bytes) return (T*)bytes;
    }

    /// <summary>
    /// D products and their sums, the query's and the factor's own rounding, and the multiplication by the factor: γ_(D + 5) by
    /// Cauchy and Schwarz.
    /// </summary>
    private static double Rounding(int dimension) => (dimension + 5) * Unit / (1 - (dimension + 5) * Unit);

    /// <summary>What D results below the smallest normal number can lose, enlarged by the largest factor, 1e8.</summary>
    private static double Underflow(int dimension) => dimension * 1e-29;

    private double CosineErrorFor(Measure all) => all.Norm < 1e38
        ? all.Distance + Rounding(Dimension) * (1 + all.Distance) + Underflow(Dimension)
        : double.PositiveInfinity;

    private Measure MeasureRow(long row)
    {
        float* entry = Entries + row * Dimension;
        double norm = Norm(entry), inverse = 1 / (norm + UnitLength.Floor);
        if (Compact is null)
        {
            Factors[row] = (float)inverse;
            return new Measure(norm, 0);
        }

        float largest = 0;
        for (int d = 0; d < Dimension; d++) largest = MathF.Max(largest, MathF.Abs(entry[d]));
        double step = largest / LargestWhole, perStep = largest > 0 ? LargestWhole / largest : 0, squared = 0;
        float factor = (float)(step * inverse);
        short* whole = Compact + row * Dimension;
        for (int d = 0; d < Dimension; d++)
        {
            whole[d] = (short)Math.Round(entry[d] * perStep);
            double off = entry[d] * inverse - (double)factor * whole[d];
            squared += off * off;
        }

        Factors[row] = factor;
        return new Measure(norm, Math.Sqrt(squared));
    }

    private double Product(double* query, float* entry)
    {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        int d = 0;
        for (; d + 4 <= Dimension; d += 4)
        {
            s0 += query[d] * entry[d];
            s1 += query[d + 1] * entry[d + 1];
            s2 += query[d + 2] * entry[d + 2];
            s3 += query[d + 3] * entry[d + 3];
        }

        for (; d < Dimension; d++) s0 += query[d] * entry[d];
        return s0 + s1 + (s2 + s3);
    }

    private double Norm(float* entry)
    {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        int d = 0;
        for (; d + 4 <= Dimension; d += 4)
        {
            s0 += (double)entry[d] * entry[d];
            s1 += (double)entry[d + 1] * entry[d + 1];
            s2 += (double)entry[d + 2] * entry[d + 2];
            s3 += (double)entry[d + 3] * entry[d + 3];
        }

        for (; d < Dimension; d++) s0 += (double)entry[d] * entry[d];
        return Math.Sqrt(s0 + s1 + (s2 + s3));
    }

    /// <summary>‖b‖ and ‖b̂ - f w‖, or the largest of several; not a number where one is not.</summary>
    private readonly record struct Measure(double Norm, double Distance)
    {
        public Measure With(Measure other) => new(Math.Max(Norm, other.Norm), Math.Max(Distance, other.Distance));
    }
}
