using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Optimization;

/// <summary>
/// Adam (Kingma and Ba, 2015): w -= η m̂/(√v̂ + ε), m̂ and v̂ corrected for their start at zero. Weight decay λ is added to the gradient, or,
/// decoupled (AdamW, Loshchilov and Hutter, 2019), shortens the weights before the step: w -= η λ w.
/// </summary>
internal sealed class Adam(OptimizerOptions options, IReadOnlyList<(string, Parameter)> parameters, bool isDecoupled = false) : Optimizer(parameters, "mean", "square")
{
    protected override void Update(string name, Parameter parameter, Tensor gradient)
    {
        if (isDecoupled) parameter.mul_(1 - LearningRate * options.WeightDecay);
        Tensor direction = isDecoupled ? gradient : gradient.add(parameter, alpha: options.WeightDecay);
        Tensor mean = Memory("mean", name).mul_(options.Beta1).add_(direction, alpha: 1 - options.Beta1);
        Tensor square = Memory("square", name).mul_(options.Beta2).addcmul_(direction, direction, 1 - options.Beta2);
        Tensor denominator = square.sqrt().div_(Math.Sqrt(1 - Math.Pow(options.Beta2, Steps))).add_(options.Epsilon);
        parameter.addcdiv_(mean, denominator, -LearningRate / (1 - Math.Pow(options.Beta1, Steps)));
    }
}
