namespace CobraAD.Imaging;

/// <summary>Something in a folder that is not among its images although its owner may think so.</summary>
/// <param name="Path">The file or folder.</param>
/// <param name="Reason">Why it is left out, and what helps.</param>
/// <param name="IsUnreadable">Whether it is a folder that could not be looked into, so that nobody knows what is missing.</param>
internal sealed record OmittedEntry(string Path, string Reason, bool IsUnreadable = false);
