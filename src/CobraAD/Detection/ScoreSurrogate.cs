using static TorchSharp.torch;

namespace CobraAD.Detection;

/// <summary>A differentiable stand-in for a detector's score that an attack may climb instead.</summary>
/// <param name="Name">What it is, e.g. "log-sum-exp, temperature 0.05".</param>
/// <param name="Score">Images [B, 3, H, W] to values [B]; larger is more anomalous.</param>
public sealed record ScoreSurrogate(string Name, Func<Tensor, Tensor> Score);
