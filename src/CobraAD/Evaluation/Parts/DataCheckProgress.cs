namespace CobraAD.Evaluation.Parts;

/// <summary>How far a check of images has come.</summary>
/// <param name="Part">What is being done: "reading" or "features".</param>
/// <param name="Done">Images done.</param>
/// <param name="Total">Images of this part.</param>
public readonly record struct DataCheckProgress(string Part, int Done, int Total);
