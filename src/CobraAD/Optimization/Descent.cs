using static TorchSharp.torch;

namespace CobraAD.Optimization;

/// <summary>One step of gradient descent.</summary>
internal static class Descent
{
    /// <summary>Differentiates a loss and changes the optimiser's parameters.</summary>
    /// <param name="optimizer">What is changed.</param>
    /// <param name="loss">A number.</param>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="largestNorm">The gradients together are shortened to this length; not at all by default.</param>
    /// <returns>The loss.</returns>
    public static Tensor Step(Optimizer optimizer, Tensor loss, double learningRate, double largestNorm = double.PositiveInfinity)
    {
        optimizer.ZeroGradients();
        loss.backward();
        if (double.IsFinite(largestNorm)) optimizer.ClipGradients(largestNorm);
        optimizer.LearningRate = learningRate;
        optimizer.Step();
        return loss;
    }
}
