namespace CobraAD.Datasets.Cache;

/// <summary>An image that could not be decoded.</summary>
/// <param name="Row">Its place in the file.</param>
/// <param name="Source">The image's file.</param>
/// <param name="Reason">What is wrong with it.</param>
internal sealed record UnreadableRow(int Row, string Source, string Reason);
