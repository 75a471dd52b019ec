using CobraAD.Attacks.Records;
using CobraAD.Detection;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks;

/// <summary>
/// Some images under attack. Whatever is evaluated here is offered to the ledger, with the passes it cost; there is no other way to
/// evaluate, so nothing is forgotten and nothing is free. All bookkeeping is per image and stays on the device.
/// </summary>
/// <remarks>
/// The attacker raises J = y·A(x') of each image, with y = <see cref="Sign"/>: whoever climbs J need not know a label. A point outside the
/// <see cref="Ball"/> may be evaluated, it only never counts. <see cref="BestPoints"/> and <see cref="BestObjective"/> begin with what the
/// ledger holds already.
/// </remarks>
public sealed class AttackBatch : IDisposable
{
    private readonly AttackContext context;
    private readonly string attack;
    private readonly Tensor bestObjective;
    private readonly Tensor bestPoint;
    private readonly Tensor bestRestart;
    private readonly Tensor bestStep;
    private readonly Tensor broken;
    private readonly Tensor unusable;
    private Tensor? noise;
    private int forwards;
    private int backwards;

    internal AttackBatch(AttackContext context, IReadOnlyList<int> images, string attack)
    {
        this.context = context;
        this.attack = attack;
        Images = images;
        Device device = context.Detector.Device;
        Ledger ledger = context.Ledger;
        Clean = ledger.CleanImages(images).to(device);
        Sign = tensor(images.Select(i => ledger.IsAnomalous[i] ? -1.0 : 1.0).ToArray(), ScalarType.Float64, device);
        Ball = new Ball(context.Threat, Clean);
        bestObjective = tensor(images.Select(i => ledger.IsAnomalous[i] ? -ledger.WorstScores[i] : ledger.WorstScores[i]).ToArray(), ScalarType.Float64, device);
        bestPoint = ledger.WorstImages(images).to(device);
        // Step -1 means that the ledger's own record still stands.
        bestRestart = zeros(images.Count, ScalarType.Int64, device);
        bestStep = full(images.Count, -1, ScalarType.Int64, device);
        broken = zeros(images.Count, ScalarType.Bool, device);
        unusable = zeros(images.Count, ScalarType.Int64, device);
    }

    /// <summary>Indices of the images in the ledger.</summary>
    public IReadOnlyList<int> Images { get; }

    /// <summary>The untouched images [B, 3, H, W] on the detector's device.</summary>
    public Tensor Clean { get; }

    /// <summary>y of each image, float64 [B]: +1 for normal images, whose score the attacker raises, -1 for anomalous ones.</summary>
    public Tensor Sign { get; }

    /// <summary>The admissible points.</summary>
    public Ball Ball { get; }

    /// <summary>The detector under attack.</summary>
    public IAnomalyDetector Detector => context.Detector;

    /// <summary>The best objective so far, float64 [B]; it changes as points are evaluated.</summary>
    public Tensor BestObjective => bestObjective;

    /// <summary>The points that reached <see cref="BestObjective"/>; they change as points are evaluated.</summary>
    public Tensor BestPoints => bestPoint;

    /// <summary>Random numbers for these images; the caller disposes it.</summary>
    /// <param name="purpose">What they are for.</param>
    /// <param name="restart">Which repetition.</param>
    public ImageRandom Random(string purpose, int restart = 0) =>
        new(context.Streams, purpose, Images, restart, Clean.device, Clean.dtype);

    /// <summary>J = y·A of each point, without a gradient. Admissible points are offered to the ledger. Costs one forward pass.</summary>
    /// <param name="points">[B, 3, H, W].</param>
    /// <param name="restart">Which restart they belong to.</param>
    /// <param name="step">Which step of it.</param>
    /// <returns>float64 [B]; the caller disposes it.</returns>
    public Tensor Evaluate(Tensor points, int restart, int step)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        using StepScope scope = new();
        using IDisposable noGradient = no_grad();
        Tensor objective = FiniteScore.Of(Detector, points).to(ScalarType.Float64) * Sign;
        forwards++;
        Offer(points, objective, restart, step);
        return objective.MoveToOuterDisposeScope();
    }

    /// <summary>J = y·A of each point and its gradient. Admissible points are offered to the ledger. Costs one forward and one backward pass.</summary>
    /// <remarks>
    /// Where an image's gradient is exactly zero or not finite a random direction stands in and is counted: an attacker would not stop
    /// there either.
    /// </remarks>
    /// <param name="points">[B, 3, H, W].</param>
    /// <param name="restart">Which restart they belong to.</param>
    /// <param name="step">Which step of it.</param>
    /// <returns>float64 [B] and [B, 3, H, W]; the caller disposes both.</returns>
    /// <exception cref="InvalidOperationException">The detector's score is not connected to the images in the autograd graph.</exception>
    public (Tensor Objective, Tensor Gradient) Differentiate(Tensor points, int restart, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor objective, Tensor gradient) = Differentiate(points, images => FiniteScore.Of(Detector, images) * Sign);
        Offer(points, objective, restart, step);
        return (objective.MoveToOuterDisposeScope(), gradient.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Value and gradient of a stand-in objective. The points are not offered, because the value is not the detector's score:
    /// <see cref="Evaluate"/> them. Costs one forward and one backward pass.
    /// </summary>
    /// <param name="points">[B, 3, H, W].</param>
    /// <param name="objective">What to raise: images to values [B].</param>
    /// <returns>float64 [B] and [B, 3, H, W]; the caller disposes both.</returns>
    public (Tensor Objective, Tensor Gradient) Differentiate(Tensor points, Func<Tensor, Tensor> objective)
    {
        ArgumentNullException.ThrowIfNull(objective);
        context.Cancellation.ThrowIfCancellationRequested();
        using StepScope scope = new();
        using Tensor leaf = points.detach().requires_grad_();
        Tensor values = objective(leaf);
        if (!values.requires_grad)
        {
            throw new InvalidOperationException(
                $"The score of detector '{Detector.Name}' is not connected to its input, so attack '{attack}' has no gradient. Nothing in a score may be detached; for a detector without gradients use the black-box attacks square and simba.");
        }

        // The sum, never the mean: a mean would scale each image's gradient by the batch size.
        autograd.backward([values.sum()], inputs: [leaf]);
        forwards++;
        backwards++;
        Tensor gradient = leaf.grad ?? zeros_like(leaf);
        return (values.detach().to(ScalarType.Float64).MoveToOuterDisposeScope(), Usable(gradient).MoveToOuterDisposeScope());
    }

    /// <summary>
    /// J = y·A of each point, and the gradient of a stand-in that the detector computes from the same features. Admissible points are offered to the
    /// ledger. Costs one forward and one backward pass.
    /// </summary>
    /// <param name="points">[B, 3, H, W].</param>
    /// <param name="restart">Which restart they belong to.</param>
    /// <param name="step">Which step of it.</param>
    /// <param name="together">Images to the detector's score and the stand-in to climb, [B] each: <see cref="ScoreSurrogate.Together"/>.</param>
    /// <param name="towards">+1 or -1 for each image: the sign with which the stand-in is raised, [B].</param>
    /// <returns>The stand-in's values with that sign, float64 [B], and its gradient [B, 3, H, W]; the caller disposes both.</returns>
    internal (Tensor Objective, Tensor Gradient) Differentiate(
        Tensor points, int restart, int step, Func<Tensor, (Tensor Exact, Tensor StandIn)> together, Tensor towards)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? exact = null;
        (Tensor objective, Tensor gradient) = Differentiate(points, images =>
        {
            (Tensor score, Tensor standIn) = together(images);
            exact = score.detach().to(ScalarType.Float64).MoveToOuterDisposeScope();
            return standIn * towards;
        });
        Offer(points, exact! * Sign, restart, step);
        return (objective.MoveToOuterDisposeScope(), gradient.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// The detector's items that each untouched image lies nearest to (<see cref="IAnomalyDetector.NearestItems"/>), int64 [B, at most count];
    /// <see langword="null"/> when it has none. Costs one forward pass; the caller disposes it.
    /// </summary>
    /// <param name="count">How many.</param>
    public Tensor? NearestItems(int count)
    {
        Tensor? items = Detector.NearestItems(Clean, count);
        if (items is not null) forwards++;
        return items;
    }

    /// <summary>The detector's outputs without a gradient, [B, m]; <see langword="null"/> when it has none. Costs one forward pass; the caller disposes it.</summary>
    /// <param name="points">[B, 3, H, W].</param>
    public Tensor? Outputs(Tensor points)
    {
        using IDisposable noGradient = no_grad();
        Tensor? outputs = Detector.Outputs(points);
        if (outputs is not null) forwards++;
        return outputs;
    }

    /// <summary>Releases what the batch made on first use; its context does this when the batch is done.</summary>
    public void Dispose() => noise?.Dispose();

    internal Findings Collect()
    {
        int[] notFinite = [.. broken.cpu().data<bool>().ToArray().Select((bad, row) => bad ? Images[row] : -1).Where(image => image >= 0)];
        if (notFinite.Length > 0) throw FiniteScore.NotFinite(Detector, notFinite, $"during attack '{attack}'");
        return new Findings(
            FiniteScore.ToDoubles(bestObjective), bestPoint, Longs(bestRestart), Longs(bestStep), Longs(unusable), forwards, backwards);

        static long[] Longs(Tensor values) => values.cpu().data<long>().ToArray();
    }

    private void Offer(Tensor points, Tensor objective, int restart, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor finite = objective.isfinite();
        broken.logical_or_(finite.logical_not());
        Tensor admissible = Ball.Contains(points) & finite;
        Tensor accepted = context.Ledger.Rule == CandidateRule.LastIterate ? admissible : admissible & objective.gt(bestObjective);
        bestObjective.copy_(where(accepted, objective, bestObjective));
        bestPoint.copy_(where(Ball.PerRow(accepted, bestPoint), points, bestPoint));
        bestRestart.masked_fill_(accepted, restart);
        bestStep.masked_fill_(accepted, step);
    }

    private Tensor Usable(Tensor gradient)
    {
        Tensor finite = gradient.nan_to_num(0, 0, 0);
        Tensor usable = finite.flatten(1).abs().amax([1L]).gt(0);
        unusable.add_(usable.logical_not().to(ScalarType.Int64));
        // One draw for each image serves all steps: shifted by another amount each time it is as good as new.
        if (noise is null)
        {
            using ImageRandom random = Random("stand-in direction");
            noise = random.Normal(Clean.shape[1..]).DetachFromDisposeScope();
        }

        Tensor standIn = noise.flatten(1).roll([backwards * 7L], [1L]).reshape(noise.shape);
        return where(Ball.PerRow(usable, finite), finite, standIn);
    }

    internal readonly record struct Findings(
        double[] Objectives, Tensor Points, long[] Restarts, long[] Steps, long[] Unusable, int Forwards, int Backwards);
}
