using System.Globalization;

namespace CobraAD.Evaluation.Audit;

/// <summary>What one check found.</summary>
internal sealed record AuditFinding(AuditStatus Status, string Measured, string Meaning)
{
    /// <summary>Passes or flags.</summary>
    public static AuditFinding Of(bool holds, string measured, string passed, string flagged) =>
        holds ? new(AuditStatus.Pass, measured, passed) : new(AuditStatus.Flag, measured, flagged);

    public static AuditFinding Skip(string why) => new(AuditStatus.Skipped, "", why);

    /// <summary>A share as people read it, e.g. "12.34%".</summary>
    public static string Percent(double share) => (100 * share).ToString("0.0#", CultureInfo.InvariantCulture) + "%";

    /// <summary>A small or large number, e.g. "3.1E-08".</summary>
    public static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
