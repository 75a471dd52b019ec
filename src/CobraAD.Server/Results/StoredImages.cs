namespace CobraAD.Server.Results;

/// <summary>What is kept of a result's image.</summary>
/// <param name="Thumbnail">A small JPEG, or <see langword="null"/>.</param>
/// <param name="Original">The file as it came, or <see langword="null"/>.</param>
internal sealed record StoredImages(byte[]? Thumbnail, byte[]? Original);
