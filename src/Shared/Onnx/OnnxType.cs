namespace CobraAD.Export.Graph;

/// <summary>Element types of tensors, with their numbers in the ONNX schema (TensorProto.DataType).</summary>
internal enum OnnxType
{
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    Int64 = 7,
    Bool = 9,
    Float16 = 10,
    Double = 11,
}
