using CobraAD.Validation;

namespace CobraAD.Detection;

/// <summary>How the operating threshold is set from good images that the detector has not seen.</summary>
public sealed record CalibrationOptions
{
    /// <summary>Share of the good images kept out of training and of the bank.</summary>
    /// <value>
    /// Default 0.1; 0 to 0.5. With 0 all are trained on, and a threshold from images that the detector has seen promises nothing: for measurements
    /// that rank images and need none.
    /// </value>
    public double Fraction { get; init; } = 0.1;

    /// <summary>Least number of images kept out.</summary>
    /// <value>Default 20: the fewest with which a 5 % false-alarm rate can be promised at all.</value>
    public int Minimum { get; init; } = 20;

    /// <summary>The share of good parts that may be called anomalous.</summary>
    /// <value>Default 0.05, in (0, 1).</value>
    public double FalseAlarmRate { get; init; } = 0.05;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(Fraction, 0, 0.5);
        OptionCheck.RequireAtLeast(Minimum, 1);
        OptionCheck.Require(FalseAlarmRate, FalseAlarmRate is > 0 and < 1, "between 0 and 1");
    }

    /// <summary>How many of <paramref name="count"/> good images are kept out; 0 when none are wanted, or when that would leave fewer than twice as many to train on.</summary>
    /// <param name="count">Number of good images.</param>
    public int HeldOut(int count)
    {
        if (Fraction == 0) return 0;
        int held = Math.Max(Minimum, (int)Math.Round(Fraction * count));
        return count - held >= 2 * held ? held : 0;
    }
}
