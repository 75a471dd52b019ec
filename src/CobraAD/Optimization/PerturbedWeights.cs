using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Optimization;

/// <summary>
/// Weights moved to where the loss is worse, and put back to the bit: adversarial weight perturbation (Wu, Xia and Wang 2020). A layer w with
/// the gradient g of the loss moves by γ ‖w‖ g/‖g‖, so that every layer moves by the same share of its length. An update with the gradient
/// found there prefers weights around which the loss is flat.
/// </summary>
internal sealed class PerturbedWeights : IDisposable
{
    private readonly List<(Parameter Weight, Tensor Original)> moved = [];

    /// <summary>Moves the weights along the gradients that they have.</summary>
    /// <param name="parameters">Those with fewer than two dimensions (biases, batch normalisation) and those without a gradient stay.</param>
    /// <param name="share">γ, above 0.</param>
    public PerturbedWeights(IEnumerable<Parameter> parameters, double share)
    {
        using IDisposable frozen = no_grad();
        foreach (Parameter weight in parameters.Where(parameter => parameter.dim() > 1))
        {
            using DisposeScope scope = NewDisposeScope();
            if (weight.grad is not { } gradient) continue;
            moved.Add((weight, weight.detach().clone().DetachFromDisposeScope()));
            // A gradient of zero moves nothing instead of dividing by it.
            weight.add_(gradient * (share * weight.norm() / gradient.norm().clamp_min(1e-30)));
        }
    }

    public void Dispose()
    {
        using IDisposable frozen = no_grad();
        foreach ((Parameter weight, Tensor original) in moved)
        {
            weight.copy_(original);
            original.Dispose();
        }

        moved.Clear();
    }
}
