namespace CobraAD.Server.Endpoints;

/// <summary>An image that could not be scored.</summary>
/// <param name="Index">Its position in the request, from 0.</param>
/// <param name="Name">What the sender calls it.</param>
/// <param name="Status">The HTTP status that it would have had alone.</param>
/// <param name="Code">A stable word for programs.</param>
/// <param name="Detail">What is wrong, for people.</param>
public sealed record RefusedImage(int Index, string Name, int Status, string Code, string Detail);
