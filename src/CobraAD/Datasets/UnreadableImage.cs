namespace CobraAD.Datasets;

/// <summary>An image that was left out because it could not be read.</summary>
/// <param name="Source">Its path.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record UnreadableImage(string Source, string Reason);
