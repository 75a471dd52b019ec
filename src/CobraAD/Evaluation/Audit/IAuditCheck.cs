namespace CobraAD.Evaluation.Audit;

/// <summary>One reason to distrust robust numbers, looked into.</summary>
internal interface IAuditCheck
{
    int Number { get; }

    string Name { get; }

    string Criterion { get; }

    /// <summary>Whether the check is about gradients; it is skipped for a detector that has none.</summary>
    bool NeedsGradient => true;

    AuditFinding Run(AuditContext context);
}
