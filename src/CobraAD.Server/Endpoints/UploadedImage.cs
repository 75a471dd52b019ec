namespace CobraAD.Server.Endpoints;

/// <summary>One image of a request.</summary>
/// <param name="Name">Its label.</param>
/// <param name="Bytes">The encoded image.</param>
internal sealed record UploadedImage(string Name, byte[] Bytes);
