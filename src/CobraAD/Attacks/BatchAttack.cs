using CobraAD.Attacks.Records;

namespace CobraAD.Attacks;

/// <summary>An attack that treats each image by itself, so that one pass over the open images in batches is all there is.</summary>
/// <example>
/// The best of twenty random points of the ball, and a step along the gradient from the best:
/// <code>
/// public sealed record Jitter : BatchAttack
/// {
///     public override string Name => "jitter";
///
///     public int Draws { get; init; } = 20;
///
///     protected override void Run(AttackBatch batch, AttackContext context)
///     {
///         for (int draw = 0; draw &lt; Draws; draw++)
///         {
///             using ImageRandom random = batch.Random("jitter", draw);
///             using Tensor point = batch.Ball.RandomPoint(random);
///             using Tensor objective = batch.Evaluate(point, draw, step: 0);
///         }
///
///         (Tensor best, Tensor gradient) = batch.Differentiate(batch.BestPoints, restart: Draws, step: 0);
///         Tensor direction = batch.Ball.SteepestDirection(gradient);
///         batch.Evaluate(batch.Ball.Move(batch.BestPoints, direction, batch.Ball.Threat.Epsilon / 4), restart: Draws, step: 1);
///     }
/// }
/// </code>
/// <c>new RobustnessEvaluator(detector, threat, [new Jitter { Draws = 50 }]).Evaluate(benchmark)</c> runs it.
/// </example>
public abstract record BatchAttack : Attack
{
    /// <inheritdoc/>
    public override void Run(AttackContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Validate();
        context.ForEachBatch(Name, context.Ledger.OpenImages(), batch => Run(batch, context));
    }

    /// <summary>
    /// Attacks one batch: proposes points and has them evaluated. Nothing is returned, because the batch remembers the best point of each image.
    /// </summary>
    /// <remarks>
    /// Tensors made here are disposed when the method returns. An attack of many steps opens a <c>NewDisposeScope</c> for each of them, or it
    /// keeps the memory of all.
    /// </remarks>
    /// <param name="batch">The images.</param>
    /// <param name="context">The run they belong to.</param>
    protected abstract void Run(AttackBatch batch, AttackContext context);
}
