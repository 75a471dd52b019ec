namespace CobraAD.Evaluation.Audit;

/// <summary>What became of an audit check.</summary>
public enum AuditStatus
{
    /// <summary>The criterion holds.</summary>
    Pass,

    /// <summary>The criterion does not hold: the robust numbers may be too good.</summary>
    Flag,

    /// <summary>The check does not apply or lacks what it needs.</summary>
    Skipped,

    /// <summary>The criterion does not hold on these images, but among others as many it might: more images decide it.</summary>
    Undecided,
}
