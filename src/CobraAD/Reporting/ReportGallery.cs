namespace CobraAD.Reporting;

/// <summary>A row of pictures with a heading, e.g. normal images beside the pseudo-anomalies made of them.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Caption">One or two sentences on what is to be seen.</param>
/// <param name="Images">The pictures.</param>
public sealed record ReportGallery(string Title, string Caption, IReadOnlyList<ReportImage> Images);
