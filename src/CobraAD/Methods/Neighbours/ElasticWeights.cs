using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Methods.Neighbours;

/// <summary>
/// Σ_j F_j (θ_j - θ0_j)² with the Fisher information F_j = E_x E_{y ~ p(y|x)} [(∂ log p(y|x)/∂θ_j)²] of the classifier that the backbone
/// came with (Kirkpatrick et al. 2017). The labels are drawn from the classifier itself, so no labelled images are needed.
/// </summary>
internal sealed class ElasticWeights : IDisposable
{
    private readonly IReadOnlyList<Parameter> parameters;
    private readonly Tensor[] anchors;
    private readonly Tensor[] fisher;

    private ElasticWeights(IReadOnlyList<Parameter> parameters, Tensor[] fisher)
    {
        this.parameters = parameters;
        this.fisher = fisher;
        anchors = [.. parameters.Select(parameter => parameter.detach().clone().DetachFromDisposeScope())];
    }

    /// <summary>Measures F on training images.</summary>
    /// <exception cref="InvalidOperationException">The backbone has no classifier.</exception>
    public static ElasticWeights Measure(Backbone backbone, TrainingLoop run, int images, IReadOnlyList<Parameter> parameters)
    {
        Linear head = backbone.Head ?? throw new InvalidOperationException(
            $"Elastic weights need the backbone's classifier (fc.weight and fc.bias), which '{backbone.Origin.Name}' does not have. Use weights with it, or set elasticWeight to 0.");
        using Generator rng = run.Streams.Create("fisher labels");
        int count = Math.Min(images, run.Images.Count);
        Tensor[] sums = [.. parameters.Select(parameter => zeros_like(parameter).DetachFromDisposeScope())];
        // One image at a time: the squares of the images' own gradients are wanted, not the square of their sum.
        for (int i = 0; i < count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor logProbability = nn.functional.log_softmax(head.call(backbone.Features(run.Images.Batch(i, 1, run.Device))), 1);
            Tensor label = logProbability.detach().exp().cpu().multinomial(1, false, rng).flatten();
            Forget(parameters);
            autograd.backward([logProbability[0, label.item<long>()]], inputs: [.. parameters]);
            using IDisposable frozen = no_grad();
            for (int j = 0; j < sums.Length; j++)
            {
                if (parameters[j].grad is { } gradient) sums[j].addcmul_(gradient, gradient, 1.0 / count);
            }
        }

        Forget(parameters);
        return new ElasticWeights(parameters, sums);
    }

    /// <summary>The sum; a part of the training step's graph.</summary>
    public Tensor Penalty() => stack([.. parameters.Select((parameter, i) => (fisher[i] * (parameter - anchors[i]).square()).sum())]).sum();

    public void Dispose()
    {
        foreach (Tensor tensor in anchors.Concat(fisher)) tensor.Dispose();
    }

    private static void Forget(IReadOnlyList<Parameter> parameters)
    {
        foreach (Parameter parameter in parameters)
        {
            using Tensor? old = parameter.grad;
            parameter.grad = null;
        }
    }
}
