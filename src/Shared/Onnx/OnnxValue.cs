namespace CobraAD.Export.Graph;

/// <summary>A tensor that flows through a graph: what a node makes and others take.</summary>
/// <param name="Name">Its name, unique in the model.</param>
/// <param name="Type">Type of its elements.</param>
internal readonly record struct OnnxValue(string Name, OnnxType Type);
