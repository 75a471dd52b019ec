namespace CobraAD.Evaluation.Localization;

/// <summary>
/// The ranking of all pixels of a data set in memory that does not grow with it: values are counted in bins of a two-thousandth of their size,
/// which ties in a bin share. The area under the ROC curve changes by less than a ten-thousandth.
/// </summary>
internal sealed class PixelRanking
{
    /// <summary>Up to this share of false positive pixels the overlap is averaged.</summary>
    public const double LargestFalsePositiveRate = 0.3;

    /// <summary>Bits of a float32 that a bin leaves out: eleven of the mantissa stay.</summary>
    private const int Dropped = 12;

    private const int Bins = 1 << (32 - Dropped);

    private readonly long[] normal = new long[Bins];
    private readonly long[] defect = new long[Bins];
    private readonly double[] overlap = new double[Bins];

    /// <summary>Connected regions so far.</summary>
    public int Regions { get; private set; }

    /// <summary>Counts the pixels of an image.</summary>
    /// <param name="values">The map.</param>
    /// <param name="regions">For each pixel 0, or the number of its region, from 1.</param>
    /// <param name="sizes">Pixels of each region.</param>
    /// <exception cref="InvalidOperationException">A value is NaN.</exception>
    public void Add(ReadOnlySpan<float> values, ReadOnlySpan<int> regions, IReadOnlyList<int> sizes)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (float.IsNaN(values[i])) throw new InvalidOperationException("The map has a value that is not a number.");
            int bin = Bin(values[i]);
            if (regions[i] == 0)
            {
                normal[bin]++;
                continue;
            }

            defect[bin]++;
            overlap[bin] += 1.0 / sizes[regions[i] - 1];
        }

        Regions += sizes.Count;
    }

    /// <summary>Area under the ROC curve of pixels, with mid-ranks.</summary>
    public double Auroc()
    {
        double sum = 0;
        long below = 0, positives = 0;
        for (int bin = 0; bin < Bins; bin++)
        {
            sum += defect[bin] * (below + normal[bin] / 2.0);
            below += normal[bin];
            positives += defect[bin];
        }

        return sum / below / positives;
    }

    /// <summary>Mean overlap of the regions against the false positive rate, by the trapezoid rule from 0 to <see cref="LargestFalsePositiveRate"/>, as a share.</summary>
    public double Aupro()
    {
        double negatives = normal.Sum(), area = 0, rate = 0, share = 0;
        for (int bin = Bins - 1; bin >= 0; bin--)
        {
            if (normal[bin] == 0 && overlap[bin] == 0) continue;
            double nextRate = rate + normal[bin] / negatives, nextShare = share + overlap[bin] / Regions;
            if (nextRate >= LargestFalsePositiveRate)
            {
                double end = share + (nextShare - share) * (LargestFalsePositiveRate - rate) / (nextRate - rate);
                area += (LargestFalsePositiveRate - rate) * (share + end) / 2;
                break;
            }

            area += (nextRate - rate) * (share + nextShare) / 2;
            (rate, share) = (nextRate, nextShare);
        }

        return area / LargestFalsePositiveRate;
    }

    /// <summary>The largest F1 = 2 TP / (2 TP + FP + FN) of pixels that any threshold gives.</summary>
    public double LargestF1()
    {
        long positives = defect.Sum(), found = 0, called = 0;
        double best = 0;
        for (int bin = Bins - 1; bin >= 0; bin--)
        {
            found += defect[bin];
            called += defect[bin] + normal[bin];
            best = Math.Max(best, 2.0 * found / (called + positives));
        }

        return best;
    }

    /// <summary>Floats as whole numbers of the same order.</summary>
    private static int Bin(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (int)(((bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000) >> Dropped);
    }
}
