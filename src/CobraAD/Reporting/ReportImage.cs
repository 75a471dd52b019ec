namespace CobraAD.Reporting;

/// <summary>An image as the report shows it.</summary>
/// <param name="Png">The encoded picture.</param>
/// <param name="Description">What is to be seen, for people who cannot see it.</param>
public sealed record ReportImage(byte[] Png, string Description);
