using static TorchSharp.torch;

namespace CobraAD.Networks;

/// <summary>A level in the names of weights: it computes nothing, and what is registered in it is named after it.</summary>
internal sealed class NamedPart(string name) : nn.Module(name);
