using CobraAD.Validation;

namespace CobraAD.Methods.Maintenance;

/// <summary>How new good parts are taken into a trained model.</summary>
public sealed record UpdateOptions
{
    /// <summary>
    /// A part is refused when good parts, as the threshold's know them, reach a score like its own with at most this chance: among them by their
    /// ranks, beyond the largest by an exponential tail.
    /// </summary>
    /// <value>Default 0.001, from 0 (nothing is refused) to 0.5.</value>
    public double RefuseBelow { get; init; } = 0.001;

    /// <summary>Files that are accepted whatever their score: names or paths.</summary>
    public IReadOnlyList<string> Accept { get; init; } = [];

    /// <summary>The share of good parts that may be called anomalous by a threshold that is set anew.</summary>
    /// <value>Default <see langword="null"/>: the model's. A given value lies in (0, 1).</value>
    public double? FalseAlarmRate { get; init; }

    /// <summary>Whether only the threshold is set anew, from all parts, and none is added to the bank.</summary>
    public bool ThresholdOnly { get; init; }

    /// <summary>Decides which parts are kept for the threshold.</summary>
    public long Seed { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(RefuseBelow, 0, 0.5);
        OptionCheck.Require(FalseAlarmRate, FalseAlarmRate is null or (> 0 and < 1), "between 0 and 1");
    }
}
