using System.Globalization;

namespace CobraAD.Reporting.Charts;

/// <summary>A linear axis: a range of values on a range of pixels, with ticks at round values.</summary>
internal sealed record Axis(double Low, double High, double From, double To, string Label)
{
    /// <summary>How a tick's value is written.</summary>
    public Func<double, string> Format { get; init; } = value => value.ToString("0.###", CultureInfo.InvariantCulture).Replace('-', '−');

    /// <summary>Where the ticks are.</summary>
    public IReadOnlyList<double> Ticks { get; init; } = RoundValues(Low, High, 5);

    /// <summary>An axis of shares from 0 to 100 %.</summary>
    public static Axis Shares(double from, double to, string label) =>
        new(0, 1, from, to, label) { Format = value => FormattableString.Invariant($"{100 * value:0}%"), Ticks = [0, 0.25, 0.5, 0.75, 1] };

    /// <summary>The pixel of a value.</summary>
    public double At(double value) => From + (value - Low) / (High - Low) * (To - From);

    /// <summary>Multiples of 1, 2 or 5 times a power of ten inside a range; about as many as wanted.</summary>
    public static IReadOnlyList<double> RoundValues(double low, double high, int wanted)
    {
        double raw = (high - low) / wanted;
        if (!(raw > 0) || double.IsInfinity(raw)) return [low];
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * (raw / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 };
        List<double> values = [];
        for (double k = Math.Ceiling(low / step - 1e-9); k * step <= high + step * 1e-9; k++) values.Add(k * step + 0.0); // + 0.0 turns -0 into 0
        return values;
    }
}
