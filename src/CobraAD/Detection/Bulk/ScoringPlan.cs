namespace CobraAD.Detection.Bulk;

/// <summary>What a run of bulk scoring is: two runs with the same plan can share their results.</summary>
/// <param name="Model">SHA-256 of the model file.</param>
/// <param name="Files">SHA-256 of the files' names, in order.</param>
/// <param name="Images">Number of files.</param>
/// <param name="BlockSize">Files of a piece.</param>
internal sealed record ScoringPlan(string Model, string Files, int Images, int BlockSize);
