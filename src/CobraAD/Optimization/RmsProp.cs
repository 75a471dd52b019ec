using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Optimization;

/// <summary>RMSprop (Tieleman and Hinton, 2012) with coupled weight decay: v = ρ v + (1 - ρ) g², w -= η g/(√v + ε); ρ is <see cref="OptimizerOptions.Beta2"/>.</summary>
internal sealed class RmsProp(OptimizerOptions options, IReadOnlyList<(string, Parameter)> parameters) : Optimizer(parameters, "square")
{
    protected override void Update(string name, Parameter parameter, Tensor gradient)
    {
        Tensor direction = gradient.add(parameter, alpha: options.WeightDecay);
        Tensor square = Memory("square", name).mul_(options.Beta2).addcmul_(direction, direction, 1 - options.Beta2);
        parameter.addcdiv_(direction, square.sqrt().add_(options.Epsilon), -LearningRate);
    }
}
