using CobraAD.Attacks;
using static TorchSharp.torch;

namespace CustomAttack;

/// <summary>Random points of the ball, and nothing else: what an attacker gets without gradients and without a plan.</summary>
internal sealed record Jitter : BatchAttack
{
    public override string Name => "jitter";

    public override bool NeedsGradient => false;

    /// <summary>Points for each image.</summary>
    public int Draws { get; init; } = 20;

    protected override void Run(AttackBatch batch, AttackContext context)
    {
        for (int draw = 0; draw < Draws; draw++)
        {
            using var scope = NewDisposeScope();
            // Numbers of the image, not of its place in the batch: another batch size finds the same points.
            using ImageRandom random = batch.Random("jitter", draw);
            // What is evaluated is offered to the ledger, which keeps the worst point of each image.
            batch.Evaluate(batch.Ball.RandomPoint(random), draw, step: 0);
        }
    }
}
