using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Gradient;

/// <summary>
/// Projected gradient ascent of J = y·A: x ← Project(x + α_t·d_t), where d_t is the steepest direction of the threat model's norm.
/// Members of the family differ in where they start, how long their steps are and what they take as gradient.
/// </summary>
public abstract record IterativeAttack : BatchAttack
{
    private protected abstract int StepCount { get; }

    private protected virtual int RestartCount => 1;

    /// <summary>Whether restart 0 also tries the single step of length ε, so that the attack is never weaker than FGSM.</summary>
    private protected virtual bool TriesSingleStep => false;

    /// <summary>α_t as a share of ε.</summary>
    private protected abstract double StepShare(int step);

    private protected virtual Tensor Start(AttackBatch batch, int restart)
    {
        if (restart == 0) return batch.Clean;
        using ImageRandom random = batch.Random($"{Name} start", restart);
        return batch.Ball.RandomPoint(random);
    }

    /// <summary>The gradient to follow, given the current one and a memory of the earlier ones (zero at first, to be updated in place).</summary>
    private protected virtual Tensor Smooth(Tensor gradient, Tensor memory) => gradient;

    /// <inheritdoc/>
    protected sealed override void Run(AttackBatch batch, AttackContext context)
    {
        double epsilon = batch.Ball.Threat.Epsilon;
        for (int restart = 0; restart < RestartCount; restart++)
        {
            using DisposeScope run = NewDisposeScope();
            Tensor point = Start(batch, restart).clone();
            Tensor memory = zeros_like(point);
            for (int step = 0; step < StepCount; step++)
            {
                using DisposeScope scope = NewDisposeScope();
                (_, Tensor gradient) = batch.Differentiate(point, restart, step);
                Tensor direction = batch.Ball.SteepestDirection(Smooth(gradient, memory));
                if (TriesSingleStep && restart == 0 && step == 0) batch.Evaluate(batch.Ball.Move(point, direction, epsilon), restart, 1);
                point.copy_(batch.Ball.Move(point, direction, StepShare(step) * epsilon));
            }

            batch.Evaluate(point, restart, StepCount);
        }
    }
}
