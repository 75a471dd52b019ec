namespace CobraAD.Evaluation.Audit;

/// <summary>One check of an audit, as it found it and as a report holds it.</summary>
/// <param name="Number">Its number, 1 to 16.</param>
/// <param name="Name">What is checked.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Measured">What was found; empty when skipped.</param>
/// <param name="Criterion">What must hold to pass.</param>
/// <param name="Meaning">One sentence: what the outcome says, or why the check was skipped.</param>
public sealed record AuditCheck(int Number, string Name, AuditStatus Status, string Measured, string Criterion, string Meaning);
