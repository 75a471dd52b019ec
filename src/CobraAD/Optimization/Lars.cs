using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Optimization;

/// <summary>
/// Layer-wise adaptive rate scaling (You et al., 2017) around <see cref="Sgd"/>: the direction g + λw of each tensor is scaled by
/// a = trust·‖w‖/(‖g‖ + λ‖w‖ + ε), or by 1 when w or g is zero, so that a step is a fixed fraction of the tensor.
/// </summary>
internal sealed class Lars(OptimizerOptions options, IReadOnlyList<(string, Parameter)> parameters) : Sgd(options, parameters)
{
    protected override Tensor Direction(Parameter parameter, Tensor gradient)
    {
        if (Options.ExcludeVectors && parameter.dim() <= 1) return gradient;

        // The factor stays a tensor on the parameter's device: reading it back would wait for the device once a tensor.
        Tensor length = parameter.norm();
        Tensor slope = gradient.norm();
        Tensor scaled = Options.Trust * length / (slope + Options.WeightDecay * length + Options.Epsilon);
        Tensor factor = where((length > 0) & (slope > 0), scaled, ones_like(scaled));
        return base.Direction(parameter, gradient).mul_(factor);
    }
}
