using CobraAD.Losses;
using CobraAD.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training;

/// <summary>
/// The attack inside training (the paper's algorithm 1): x ← clip(x + α sign ∇ Σ objective) into the ε-box and [0, 1]. Ascends the
/// sum of the objectives, so one backward pass serves all images, and asks for the gradient of the images alone.
/// </summary>
/// <param name="options">Radius, steps and start.</param>
public sealed class InnerMaximization(InnerMaximizationOptions options)
{
    /// <summary>Radius, steps and start.</summary>
    public InnerMaximizationOptions Options { get; } = Checked(options);

    /// <summary>
    /// The fixed embeddings that the attack compares with, encoded once in evaluation mode without a graph; the caller disposes them.
    /// </summary>
    /// <param name="network">Left in the mode it was in; a folded copy (<see cref="CobraNetwork.Fold"/>) serves as well.</param>
    /// <param name="views">Both light views of all samples, view-major, [4b, 3, H, W] in [0, 1].</param>
    /// <returns>[4b, embedding size], detached.</returns>
    public Tensor EncodeKeys(CobraNetwork network, Tensor views)
    {
        ArgumentNullException.ThrowIfNull(network);
        using AttackMode mode = new(network, Options.BatchStatistics);
        using IDisposable frozen = no_grad();
        return network.Embed(views);
    }

    /// <summary>Attacks a batch; the caller disposes the result. The network's mode, statistics and gradients stay as they were.</summary>
    /// <param name="network">The network in training, or a folded copy of it (<see cref="CobraNetwork.Fold"/>), which is faster.</param>
    /// <param name="images">Un-augmented rows: b normals, then the pseudo-anomalies made from them. [2b, 3, H, W] in [0, 1].</param>
    /// <param name="keys">From <see cref="EncodeKeys"/>, [4b, embedding size].</param>
    /// <param name="layout">Which row is what.</param>
    /// <param name="objective">What is trained, and so what is attacked.</param>
    /// <param name="rng">CPU generator of the random start.</param>
    /// <param name="measureEnd">Whether the attacked images are evaluated once more, at the cost of one forward pass.</param>
    /// <exception cref="ArgumentException">The number of images or keys does not fit the layout.</exception>
    public AdversarialBatch Run(
        CobraNetwork network, Tensor images, Tensor keys, PairLayout layout, CobraObjective objective, Generator rng, bool measureEnd = false)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(objective);
        using AttackMode mode = new(network, Options.BatchStatistics);
        return Climb(images, Objective, rng, measureEnd);

        Tensor Objective(Tensor candidates)
        {
            CobraOutput output = network.call(candidates);
            return objective.Inner(output.Embeddings, output.Logits, keys, layout);
        }
    }

    /// <summary>The step rule by itself, for any objective [N, …] → [N].</summary>
    internal AdversarialBatch Climb(Tensor images, Func<Tensor, Tensor> objective, Generator rng, bool measureEnd)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor originals = images.detach();
        Tensor lowest = (originals - Options.Epsilon).clamp_(0, 1);
        Tensor highest = (originals + Options.Epsilon).clamp_(0, 1);
        Tensor current = Start(originals, rng).clamp_(lowest, highest);
        double stepSize = Options.StepSize ?? 2.5 * Options.Epsilon / Options.Steps;
        Tensor? atStart = null;

        for (int step = 0; step < Options.Steps; step++)
        {
            using DisposeScope stepScope = NewDisposeScope();
            Tensor candidates = current.detach().requires_grad_();
            Tensor values = objective(candidates);
            autograd.backward([values.sum()], inputs: [candidates]);
            atStart ??= values.detach().MoveToOuterDisposeScope();
            current.add_(candidates.grad!.sign_(), alpha: stepSize).clamp_(lowest, highest);
        }

        Tensor? atEnd = null;
        if (measureEnd)
        {
            using IDisposable frozen = no_grad();
            using DisposeScope endScope = NewDisposeScope();
            atEnd = objective(current).MoveToOuterDisposeScope();
        }

        return new AdversarialBatch(current.MoveToOuterDisposeScope(), atStart!.MoveToOuterDisposeScope(), atEnd?.MoveToOuterDisposeScope());
    }

    private Tensor Start(Tensor originals, Generator rng)
    {
        if (Options.Start == AttackStart.Zero) return originals.clone();

        // Drawn on the CPU, so that every device starts at the same points.
        Tensor noise = rand(originals.shape, dtype: originals.dtype, generator: rng).mul_(2 * Options.Epsilon).sub_(Options.Epsilon);
        return noise.to(originals.device) + originals;
    }

    private static InnerMaximizationOptions Checked(InnerMaximizationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return options;
    }
}
