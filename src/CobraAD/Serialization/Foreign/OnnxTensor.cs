namespace CobraAD.Serialization.Foreign;

/// <summary>A fixed tensor of an ONNX model that has not been read yet.</summary>
/// <param name="Name">Its name in the graph; empty inside a Constant node.</param>
/// <param name="Type">The element type's number in the standard.</param>
/// <param name="Shape">Its sides; nothing about them has been checked.</param>
/// <param name="Start">Where its little-endian elements begin in the file; -1 when they are not kept as one row of bytes.</param>
/// <param name="Length">How many bytes they have.</param>
/// <param name="IsElsewhere">Whether the elements are in another file.</param>
internal sealed record OnnxTensor(string Name, long Type, long[] Shape, long Start, long Length, bool IsElsewhere);
