using CobraAD.Server.Results;

namespace CobraAD.Server.Endpoints;

/// <summary>What a scoring request found.</summary>
/// <param name="Results">One for each image that could be scored, in the order sent.</param>
/// <param name="Refused">Those that could not.</param>
public sealed record ScoreResponse(IReadOnlyList<PartResult> Results, IReadOnlyList<RefusedImage> Refused);
