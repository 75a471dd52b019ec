namespace CobraAD.Reporting.Rendering;

/// <summary>One row of the corruption table: a corruption, its AUROC at each severity and its mean errors.</summary>
internal sealed record CorruptionRow(string Name, IReadOnlyList<string> Aurocs, string FalseAlarms, string Escapes)
{
    /// <summary>The severities that were measured, ascending.</summary>
    public static int[] Severities(ReportDetector detector) => [.. detector.Corruptions.Select(one => one.Severity).Where(severity => severity > 0).Distinct().Order()];

    /// <summary>The rows in the order of the measurement; the untouched images repeat their AUROC.</summary>
    public static IEnumerable<CorruptionRow> Of(ReportDetector detector)
    {
        int[] severities = Severities(detector);
        foreach (IGrouping<string, ReportCorruption> group in detector.Corruptions.GroupBy(one => one.Name))
        {
            yield return new CorruptionRow(
                group.Key,
                [.. severities.Select(severity => group.FirstOrDefault(one => one.Severity == severity || one.Severity == 0) is { } found ? ReportNumbers.Percent(found.Auroc) : "–")],
                ReportNumbers.Percent(group.Average(one => one.FalseAlarmRate)), ReportNumbers.Percent(group.Average(one => one.EscapeRate)));
        }
    }
}
