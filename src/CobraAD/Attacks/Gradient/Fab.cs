using CobraAD.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Gradient;

/// <summary>
/// Fast Adaptive Boundary attack (Croce and Hein 2020) for a score: looks for the nearest point with h(x') = J(x') - goal ≥ 0 by
/// projecting onto the linearised boundary inside [0, 1].
/// </summary>
/// <remarks>
/// The goal climbs a ladder of the other class's scores, because one boundary says little about a ranking. Every point is also tried
/// after projection into the ball. By nature the weakest member of AutoAttack for AUROC.
/// </remarks>
public sealed record Fab : BatchAttack
{
    /// <inheritdoc/>
    public override string Name => "fab";

    /// <summary>Iterations of one run; each costs one gradient and two evaluations.</summary>
    /// <value>Default 100.</value>
    public int Steps { get; init; } = 100;

    /// <summary>Runs; the first starts from the clean image.</summary>
    /// <value>Default 5.</value>
    public int Restarts { get; init; } = 5;

    /// <summary>Largest weight of the projection from the clean image against that from the current point.</summary>
    /// <value>Default 0.1.</value>
    public double AlphaMax { get; init; } = 0.1;

    /// <summary>How far each projection goes beyond the linearised boundary.</summary>
    /// <value>Default 1.05.</value>
    public double Overshoot { get; init; } = 1.05;

    /// <summary>How much of the perturbation stays after the boundary was crossed.</summary>
    /// <value>Default 0.9.</value>
    public double Backward { get; init; } = 0.9;

    /// <summary>Whether the goal is the detector's calibrated threshold for every image, instead of the ladder of ranks.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool AtThreshold { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        OptionCheck.Require(Steps, 1, 1_000_000);
        OptionCheck.Require(Restarts, 1, 10_000);
        OptionCheck.Require(AlphaMax, 0, 1);
        OptionCheck.Require(Overshoot, 1, 10);
        OptionCheck.Require(Backward, 0, 1);
    }

    /// <inheritdoc/>
    protected override void Run(AttackBatch batch, AttackContext context)
    {
        if (AtThreshold && batch.Detector.Threshold is null)
            throw new InvalidOperationException($"Attack 'fab' was asked for the calibrated threshold, but detector '{batch.Detector.Name}' has none. Leave at-threshold out.");
        RankLadder ladder = new(batch, context, AtThreshold ? batch.Detector.Threshold : null);
        for (int restart = 0; restart < Restarts; restart++)
        {
            using DisposeScope run = NewDisposeScope();
            Tensor point = Start(batch, restart).clone();
            for (int step = 0; step < Steps; step++)
            {
                using DisposeScope scope = NewDisposeScope();
                (Tensor next, Tensor goal) = Project(batch, ladder, point, restart, step);
                Tensor crossed = batch.Evaluate(next, restart, step + 1).ge(goal);
                batch.Evaluate(batch.Ball.Project(next), restart, step + 1);
                Tensor shorter = batch.Clean + (next - batch.Clean) * Backward;
                point.copy_(where(Ball.PerRow(crossed, point), shorter, next));
            }
        }
    }

    private static Tensor Start(AttackBatch batch, int restart)
    {
        if (restart == 0) return batch.Clean;
        using ImageRandom random = batch.Random("fab start", restart);
        return batch.Clean + (batch.Ball.RandomBoundaryPoint(random) - batch.Clean) * 0.5;
    }

    /// <summary>The next point, and the goal that it was aimed at: a point that reaches its goal moves the goal on.</summary>
    private (Tensor Next, Tensor Goal) Project(AttackBatch batch, RankLadder ladder, Tensor point, int restart, int step)
    {
        Norm norm = batch.Ball.Threat.Norm;
        (Tensor objective, Tensor gradient) = batch.Differentiate(point, restart, step);
        Tensor goal = ladder.Goal();
        Tensor normal = gradient.flatten(1);
        Tensor current = point.flatten(1), clean = batch.Clean.flatten(1);
        // The boundary of the linearised h: w·z = w·x1 - h(x1). Beyond 2ε nothing inside the ball can reach it, and aiming further would
        // only turn the shortest way into the corner of the box.
        Tensor steepness = norm == Norm.Linf ? normal.abs().sum(1) : normal.square().sum(1).sqrt();
        Tensor fromCurrent = minimum((goal - objective).to(normal.dtype), steepness * (2 * batch.Ball.Threat.Epsilon));
        Tensor fromClean = fromCurrent + (normal * (current - clean)).sum(1);
        Tensor move = PlaneProjection.Move(current, normal, fromCurrent, norm);
        Tensor cleanMove = PlaneProjection.Move(clean, normal, fromClean, norm);
        Tensor length = Length(move, norm), cleanLength = Length(cleanMove, norm);
        Tensor alpha = (length / (length + cleanLength)).clamp_max(AlphaMax);
        Tensor mixed = (current + move * Overshoot) * (1 - alpha) + (clean + cleanMove * Overshoot) * alpha;
        return (mixed.clamp(0, 1).reshape(point.shape), goal);
    }

    private static Tensor Length(Tensor move, Norm norm) =>
        (norm == Norm.Linf ? move.abs().amax([1L], true) : move.square().sum(1, true).sqrt()).clamp_min(1e-8);
}
