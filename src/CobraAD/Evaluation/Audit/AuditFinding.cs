using System.Globalization;

namespace CobraAD.Evaluation.Audit;

/// <summary>What one check found.</summary>
internal sealed record AuditFinding(AuditStatus Status, string Measured, string Meaning)
{
    /// <summary>Passes or flags.</summary>
    public static AuditFinding Of(bool holds, string measured, string passed, string flagged) =>
        holds ? new(AuditStatus.Pass, measured, passed) : new(AuditStatus.Flag, measured, flagged);

    /// <summary>A fall of AUROC beyond what is allowed, flagged only when it is not the luck of the sample.</summary>
    /// <param name="context">The audit.</param>
    /// <param name="weaker">Scores under the attack that should have sufficed.</param>
    /// <param name="stronger">Scores under the one that should add nothing.</param>
    /// <param name="allowed">By how much AUROC may fall, as a share.</param>
    /// <param name="measured">What was found.</param>
    /// <param name="flagged">What it means.</param>
    /// <returns><see langword="null"/> where AUROC falls by no more than allowed.</returns>
    public static AuditFinding? Fall(AuditContext context, IReadOnlyList<double> weaker, IReadOnlyList<double> stronger, double allowed, string measured, string flagged)
    {
        if (context.Auroc(weaker) - context.Auroc(stronger) <= allowed) return null;
        return context.LeastFall(weaker, stronger) > allowed
            ? new AuditFinding(AuditStatus.Flag, measured, flagged)
            : new AuditFinding(AuditStatus.Undecided, measured, $"{context.Normals} + {context.Anomalies} images do not decide it: among as many others the difference may vanish. Take a larger budget or more images.");
    }

    public static AuditFinding Skip(string why) => new(AuditStatus.Skipped, "", why);

    /// <summary>A share as people read it, e.g. "12.34%".</summary>
    public static string Percent(double share) => (100 * share).ToString("0.0#", CultureInfo.InvariantCulture) + "%";

    /// <summary>A small or large number, e.g. "3.1E-08".</summary>
    public static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
