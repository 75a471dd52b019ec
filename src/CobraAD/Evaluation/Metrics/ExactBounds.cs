using MathNet.Numerics.Distributions;

namespace CobraAD.Evaluation.Metrics;

/// <summary>
/// What few images prove, whatever the scores' distributions: the 2.5 % bounds of the metrics at 0 and 1, where resampling sees no error and no
/// approximation holds, and of the threshold that few positives choose.
/// </summary>
/// <remarks>
/// <para>A share p: n images of n are right with the chance pⁿ, so p ≥ 0.025^(1/n) (Clopper and Pearson 1934).</para>
/// <para>An AUROC A: pair each image of the smaller class, k of them, with one of the other. The pairs are independent, each is right with the chance A,
/// and in a perfect ranking all are. So its chance is A^k at the most, and A ≥ 0.025^(1/k). With a share 1 − A of the smaller class on the wrong
/// side of everything it is exactly that.</para>
/// <para>An average precision, with a share π of positives: at recall t, where a share f(t) of the negatives lies above, the precision is
/// πt/(πt + (1 − π)f), and ∫f = 1 − A. Under this condition alone the mean of the precision over t is least where πt + (1 − π)f = √(ct) (Lagrange), as
/// far as that leaves f ≥ 0. With e = (1 − A)(1 − π)/π that is 1 − √(6e)/3 up to e = 1/6, and 8/(9(1 + 2e)) from there.</para>
/// <para>The threshold of an FPR95 is the 5 % quantile of the positives. Of m positives the u-th lowest lies below it with the chance P(Binomial(m, 0.05) ≥ u), so
/// with half of the 2.5 % the truth is no less than the share of negatives above that one, and this share has its bound by Clopper and Pearson.</para>
/// </remarks>
internal static class ExactBounds
{
    private const double Tail = 0.025;
    private const double Missed = 0.05;

    /// <summary>The least share that a class can have of which all of some images belong to it.</summary>
    /// <param name="images">How many; at least one.</param>
    public static double LeastShare(int images) => Math.Pow(Tail, 1.0 / images);

    /// <summary>The least AUROC of a detector that ranks some images perfectly.</summary>
    public static double LeastAuroc(int normals, int anomalies) => LeastShare(Math.Min(normals, anomalies));

    /// <summary>The least average precision of a detector that ranks some images perfectly, where the positives are as frequent as among these.</summary>
    public static double LeastAveragePrecision(int positives, int negatives)
    {
        double error = (1 - LeastAuroc(negatives, positives)) * negatives / positives;
        return error <= 1.0 / 6 ? 1 - Math.Sqrt(6 * error) / 3 : 8 / (9 * (1 + 2 * error));
    }

    /// <summary>The least FPR95, or share of missed anomalies at 95 % accepted normal images.</summary>
    /// <param name="positives">How many images are to be detected.</param>
    /// <param name="negatives">How many are not.</param>
    /// <param name="falseRate">The share of negatives at the first score that detects a share of the positives.</param>
    public static double LeastFalseRate(int positives, int negatives, Func<double, double> falseRate)
    {
        int beyond = 1;
        while (beyond <= positives && 1 - Binomial.CDF(Missed, positives, beyond - 1) > Tail / 2) beyond++;
        if (beyond > positives) return 0;

        double alarms = Math.Round(falseRate((positives - beyond + 1) / (double)positives) * negatives);
        return alarms == 0 ? 0 : Beta.InvCDF(alarms, negatives - alarms + 1, Tail / 2);
    }
}
