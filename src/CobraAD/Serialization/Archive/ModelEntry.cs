namespace CobraAD.Serialization.Archive;

/// <summary>One safetensors entry of a model file, as its manifest promises it.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">SHA-256 (lower-case hex) of its bytes.</param>
public sealed record ModelEntry(long Bytes, string Sha256);
