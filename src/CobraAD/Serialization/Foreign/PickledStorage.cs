using static TorchSharp.torch;

namespace CobraAD.Serialization.Foreign;

/// <summary>The raw numbers that a pickle refers to.</summary>
/// <param name="Key">Name of the zip entry that holds them.</param>
/// <param name="Type">Element type.</param>
/// <param name="ElementBytes">Bytes of a number.</param>
/// <param name="Count">How many numbers.</param>
internal sealed record PickledStorage(string Key, ScalarType Type, int ElementBytes, long Count);
