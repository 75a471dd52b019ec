using CobraAD.Server.Results;

namespace CobraAD.Server.Endpoints;

/// <summary>A page of results, newest first.</summary>
/// <param name="Results">The results.</param>
/// <param name="Next">Give this as <c>before</c> for the next page; <see langword="null"/> on the last.</param>
public sealed record ResultPage(IReadOnlyList<PartResult> Results, long? Next);
