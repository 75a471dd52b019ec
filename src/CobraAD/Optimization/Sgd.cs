using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Optimization;

/// <summary>v = μv + (g + λw), w -= ηv: gradient descent with momentum and coupled weight decay, neither dampened nor Nesterov's.</summary>
internal class Sgd(OptimizerOptions options, IReadOnlyList<(string, Parameter)> parameters) : Optimizer(parameters, "momentum")
{
    protected OptimizerOptions Options { get; } = options;

    protected sealed override void Update(string name, Parameter parameter, Tensor gradient) =>
        parameter.add_(Memory("momentum", name).mul_(Options.Momentum).add_(Direction(parameter, gradient)), alpha: -LearningRate);

    protected virtual Tensor Direction(Parameter parameter, Tensor gradient) => gradient.add(parameter, alpha: Options.WeightDecay);
}
