namespace CobraAD.Datasets;

/// <summary>An image, or a folder of some, that was left out.</summary>
/// <param name="Source">Its path.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record UnreadableImage(string Source, string Reason);
