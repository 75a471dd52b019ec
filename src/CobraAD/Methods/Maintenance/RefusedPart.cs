namespace CobraAD.Methods.Maintenance;

/// <summary>An image that was called good and is unlike the good parts that a model knows.</summary>
/// <param name="Path">The file.</param>
/// <param name="Score">Its score on the scale where 0.5 is the threshold.</param>
/// <param name="PValue">The chance that a good part reaches such a score.</param>
/// <param name="AcceptedByName">Whether it was taken nevertheless.</param>
public sealed record RefusedPart(string Path, double Score, double PValue, bool AcceptedByName);
