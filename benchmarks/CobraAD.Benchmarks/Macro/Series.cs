namespace CobraAD.Benchmarks.Macro;

/// <summary>One number for each round.</summary>
internal sealed record Series(IReadOnlyList<double> Values)
{
    public double Median => Quantile(0.5);

    public double Least => Values.Min();

    public double Most => Values.Max();

    public static Series operator +(Series first, Series second) => first.With(second, (a, b) => a + b);

    public static Series operator *(double factor, Series series) => new([.. series.Values.Select(value => factor * value)]);

    public static Series operator /(double number, Series series) => new([.. series.Values.Select(value => number / value)]);

    /// <summary>Round by round, so that whatever slowed a round slowed both.</summary>
    public static Series operator /(Series first, Series second) => first.With(second, (a, b) => a / b);

    public override string ToString() => $"{Median:F3} ({Least:F3}-{Most:F3})";

    private Series With(Series other, Func<double, double, double> combine) => new([.. Values.Zip(other.Values, combine)]);

    private double Quantile(double share)
    {
        double[] sorted = [.. Values.Order()];
        double position = share * (sorted.Length - 1);
        int below = (int)position, above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
