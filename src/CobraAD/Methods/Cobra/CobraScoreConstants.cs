using System.Text.Json.Serialization;
using CobraAD.Validation;

namespace CobraAD.Methods.Cobra;

/// <summary>The constants of those scores that have any.</summary>
public sealed record CobraScoreConstants
{
    /// <summary>
    /// T of <see cref="CobraScore.Smooth"/>, in units of the bank's spread: the median over its entries of 1 - cosine to their mean direction.
    /// </summary>
    /// <value>Default 1. From 0.001 (nearly a maximum) to 1000 (a mean).</value>
    public double Temperature { get; init; } = 1;

    /// <summary>
    /// The unit of <see cref="Temperature"/> where the bank is tighter than this. Training draws the entries together, up to cosines of 0.999, while those that lie
    /// wrong stay far off; a maximum as sharp as such a bank is decided by them again (docs/lab/the-maximum-breaks.md).
    /// </summary>
    /// <value>Default 0, the bank's spread whatever it is; the presets <c>fast</c> and <c>tiny</c> have 0.1. At most 2.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double LeastSpread { get; init; }

    /// <summary>Number of centers of <see cref="CobraScore.Center"/>.</summary>
    /// <value>Default 1, the bank's mean direction; at most 1024.</value>
    public int Centers { get; init; } = 1;

    /// <summary>Share of the bank that <see cref="CobraScore.Trimmed"/> leaves out.</summary>
    /// <value>Default 0.2; from 0 to 0.9.</value>
    public double Trimmed { get; init; } = 0.2;

    /// <summary>w of <see cref="CobraScore.SmoothAndLogOdds"/>.</summary>
    /// <value>Default <see langword="null"/>: the ratio of both scores' interquartile ranges on good images. Otherwise above 0.</value>
    public double? LogOddsWeight { get; init; }

    /// <summary>Checks every constant.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(Temperature, 0.001, 1000);
        OptionCheck.Require(LeastSpread, 0, 2);
        OptionCheck.Require(Centers, 1, 1024);
        OptionCheck.Require(Trimmed, 0, 0.9);
        OptionCheck.Require(LogOddsWeight, LogOddsWeight is null or (> 0 and < 1e9), "above 0, or null");
    }
}
