using CobraAD.Losses;
using CobraAD.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training.Adversarial;

/// <summary>
/// The attack inside training (the paper's algorithm 1): x ← clip(x + α sign ∇ Σ objective) into the ε-box and [0, 1]. Ascends the
/// sum of the objectives, so one backward pass serves all images, and asks for the gradient of the images alone.
/// </summary>
/// <param name="options">Radius, steps and start.</param>
internal sealed class InnerMaximization(InnerMaximizationOptions options)
{
    /// <summary>Radius, steps and start.</summary>
    public InnerMaximizationOptions Options { get; } = Checked(options);

    /// <summary>
    /// The fixed embeddings that the attack compares with, encoded once in evaluation mode without a graph; the caller disposes them.
    /// </summary>
    /// <param name="network">Left in the mode it was in; a folded copy (<see cref="CobraNetwork.Fold"/>) serves as well.</param>
    /// <param name="views">Both light views of all samples, view-major, [4b, 3, H, W] in [0, 1].</param>
    /// <param name="rowsAtOnce">Most views of one pass, to save memory; 0 for all.</param>
    /// <returns>[4b, embedding size], detached.</returns>
    public Tensor EncodeKeys(CobraNetwork network, Tensor views, int rowsAtOnce = 0)
    {
        ArgumentNullException.ThrowIfNull(network);
        using NetworkModeScope mode = new(network, Options.BatchStatistics);
        using IDisposable frozen = no_grad();
        if (rowsAtOnce == 0 || rowsAtOnce >= views.size(0)) return network.Embed(views);
        using DisposeScope scope = NewDisposeScope();
        return cat([.. views.split(rowsAtOnce).Select(network.Embed)]).MoveToOuterDisposeScope();
    }

    /// <summary>Attacks a batch; the caller disposes the result. The network's mode, statistics and gradients stay as they were.</summary>
    /// <param name="network">The network in training, or a folded copy of it (<see cref="CobraNetwork.Fold"/>), which is faster.</param>
    /// <param name="images">
    /// Un-augmented rows: b normals, then the pseudo-anomalies made from them, [2b, 3, H, W] in [0, 1]. Only the normals, [b, 3, H, W],
    /// where pseudo-anomalies are no images.
    /// </param>
    /// <param name="keys">From <see cref="EncodeKeys"/>, [4b, embedding size].</param>
    /// <param name="layout">Which row is what.</param>
    /// <param name="objective">What is trained, and so what is attacked.</param>
    /// <param name="rng">CPU generator of the random start.</param>
    /// <param name="measureEnd">Whether the attacked images are evaluated once more, at the cost of one forward pass.</param>
    /// <param name="rowsAtOnce">Most images of one pass, to save memory; 0 for all. It changes the result by no more than rounding.</param>
    /// <param name="samples">int64, the images to attack; the others stay where the start put them. All when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">The number of images or keys does not fit the layout.</exception>
    public AdversarialBatch Run(
        CobraNetwork network, Tensor images, Tensor keys, PairLayout layout, CobraObjective objective, Generator rng, bool measureEnd = false,
        int rowsAtOnce = 0, Tensor? samples = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(objective);
        using NetworkModeScope mode = new(network, Options.BatchStatistics);
        return Climb(images, OfNetwork(network, keys, layout, objective), rng, measureEnd, rowsAtOnce, samples);
    }

    /// <summary>The objective of each image as it is; the caller disposes it. Parameters as for <see cref="Run"/>.</summary>
    /// <returns>One for each of the samples, detached.</returns>
    internal Tensor Evaluate(CobraNetwork network, Tensor images, Tensor keys, PairLayout layout, CobraObjective objective, int rowsAtOnce, Tensor? samples = null)
    {
        using NetworkModeScope mode = new(network, Options.BatchStatistics);
        return Evaluate(images, OfNetwork(network, keys, layout, objective), rowsAtOnce, samples);
    }

    /// <summary>The step rule by itself, for any objective [N, …] → [N] in which images do not meet.</summary>
    internal AdversarialBatch Climb(Tensor images, Func<Tensor, Tensor> objective, Generator rng, bool measureEnd) =>
        Climb(images, new Ascent(candidates => candidates.alias(), (candidates, _) => (objective(candidates), null)), rng, measureEnd, rowsAtOnce: 0, samples: null);

    private AdversarialBatch Climb(Tensor images, Ascent ascent, Generator rng, bool measureEnd, int rowsAtOnce, Tensor? samples)
    {
        using DisposeScope scope = NewDisposeScope();
        using EpsilonBox box = new(images, Options.Epsilon);
        Tensor current = box.Start(Options.Start, rng);
        List<Tensor> atStart = [];
        long gradients = Parts(images, rowsAtOnce, samples).Sum(part => Climb(current, box, part, ascent, atStart));
        return new AdversarialBatch(
            current.MoveToOuterDisposeScope(), cat(atStart).MoveToOuterDisposeScope(),
            measureEnd ? Evaluate(current, ascent, rowsAtOnce, samples).MoveToOuterDisposeScope() : null, (double)gradients / (samples ?? images).size(0));
    }

    /// <summary>Moves some rows of <paramref name="current"/> and returns how many gradients of the whole network it took.</summary>
    private long Climb(Tensor current, EpsilonBox box, Tensor rows, Ascent ascent, List<Tensor> atStart)
    {
        using DisposeScope scope = NewDisposeScope();
        double stepSize = Options.StepSize ?? Options.UsualStepSize;
        long gradients = 0;
        for (int step = 0; step < Options.Steps && rows.size(0) > 0; step++)
        {
            using DisposeScope stepScope = NewDisposeScope();
            (Tensor candidates, Tensor map) = ThroughStem();
            using Tensor cut = map.detach().requires_grad_();
            (Tensor values, Tensor? crossed) = ascent.Rest(cut, rows);
            autograd.backward([values.sum()], inputs: [cut]);
            gradients += rows.size(0);
            if (step == 0) atStart.Add(values.detach().MoveToOuterDisposeScope());

            Tensor atCut = cut.grad!;
            for (int inner = 0; inner < Options.FirstLayerSteps; inner++)
            {
                using DisposeScope innerScope = NewDisposeScope();
                if (inner > 0) (candidates, map) = ThroughStem();
                autograd.backward([map], [atCut], inputs: [candidates]);
                Tensor direction = candidates.grad!.sign_();
                if (crossed is not null) direction.mul_(Mask(crossed.logical_not(), direction));
                if (rows.size(0) == current.size(0)) box.Move(current, direction, stepSize);
                else box.Move(current, rows, direction, stepSize);
            }

            if (crossed is not null) rows = rows.masked_select(crossed.logical_not()).MoveToOuterDisposeScope();
        }

        atStart[^1].MoveToOuterDisposeScope();
        return gradients;

        (Tensor Candidates, Tensor Map) ThroughStem()
        {
            Tensor candidates = (rows.size(0) == current.size(0) ? current.detach() : current.index_select(0, rows)).requires_grad_();
            return (candidates, ascent.Stem(candidates));
        }
    }

    private Ascent OfNetwork(CobraNetwork network, Tensor keys, PairLayout layout, CobraObjective objective)
    {
        return new Ascent(network.Stem, Rest);

        (Tensor Values, Tensor? Crossed) Rest(Tensor map, Tensor rows)
        {
            CobraOutput output = network.AboveStem(map);
            return (Objective(output, rows), Options.StopCrossed ? CobraObjective.Crossed(output.Embeddings, output.Logits, keys, layout, rows) : null);
        }

        Tensor Objective(CobraOutput output, Tensor rows)
        {
            Tensor loss = rows.size(0) == layout.Samples
                ? objective.Inner(output.Embeddings, output.MemberLogits, keys, layout)
                : objective.Inner(output.Embeddings, output.MemberLogits, keys, layout, rows);
            return Options.ScoreShare == 0 ? loss : loss.lerp(objective.ScoreError(output.Embeddings, keys, layout, rows), Options.ScoreShare);
        }
    }

    private static Tensor Evaluate(Tensor images, Ascent ascent, int rowsAtOnce, Tensor? samples)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        List<Tensor> values = [];
        foreach (Tensor part in Parts(images, rowsAtOnce, samples))
        {
            using DisposeScope partScope = NewDisposeScope();
            values.Add(ascent.Rest(ascent.Stem(images.index_select(0, part)), part).Values.MoveToOuterDisposeScope());
        }

        return cat(values).MoveToOuterDisposeScope();
    }

    /// <summary>The indices of the rows of each pass.</summary>
    private static Tensor[] Parts(Tensor images, int rowsAtOnce, Tensor? samples)
    {
        Tensor everyRow = samples is not null ? samples.alias() : arange(images.size(0), ScalarType.Int64, images.device);
        return rowsAtOnce == 0 ? [everyRow] : everyRow.split(rowsAtOnce);
    }

    private static Tensor Mask(Tensor rows, Tensor like) => rows.to(like.dtype).view([-1, .. Enumerable.Repeat(1L, (int)like.dim() - 1)]);

    private static InnerMaximizationOptions Checked(InnerMaximizationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return options;
    }

    /// <summary>What is climbed, in two parts: the gradient at the seam between them can be kept while images move below it.</summary>
    /// <param name="Stem">Images to what the rest sees of them, [n, …].</param>
    /// <param name="Rest">That, and which rows it is of, to their objectives [n] and whether they have crossed.</param>
    private readonly record struct Ascent(Func<Tensor, Tensor> Stem, Func<Tensor, Tensor, (Tensor Values, Tensor? Crossed)> Rest);
}
