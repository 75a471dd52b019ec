namespace CobraAD.Reporting;

/// <summary>What became of an audit check.</summary>
public enum ReportCheckStatus
{
    /// <summary>The criterion holds.</summary>
    Pass,

    /// <summary>The criterion does not hold: the robust numbers may be too good.</summary>
    Flag,

    /// <summary>The check could not be made or was not asked for.</summary>
    Skipped,
}
