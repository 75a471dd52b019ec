using CobraAD.Attacks;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Audit;

/// <summary>The best of some uniform draws from the ball: the least that any attack must beat.</summary>
internal sealed record UniformDraws : BatchAttack
{
    public override string Name => "uniform-draws";

    public override bool NeedsGradient => false;

    public int Draws { get; init; } = 100;

    protected override void Run(AttackBatch batch, AttackContext context)
    {
        for (int draw = 0; draw < Draws; draw++)
        {
            using var scope = NewDisposeScope();
            using ImageRandom random = batch.Random("uniform draws", draw);
            batch.Evaluate(batch.Ball.RandomPoint(random), draw, 0);
        }
    }
}
