using CobraAD.Attacks;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Audit;

/// <summary>
/// Ascent along the slope of a smoothed copy of the score, E_u A(x + r·u) with normal u: a mask that leaves a weakness where it is but roughens
/// the way to it hides it from the gradient at a point, not from an average. Two runs average gradients over a larger and a smaller neighbourhood,
/// the third takes differences over long steps, which see across whatever is finer than they. Points are scored exactly.
/// </summary>
/// <remarks>
/// Of a ripple sin(kx) a normal u leaves exp(-(kr)²/2). With u = ±1 it would be cos(kr), which is as large as before for every wave that r is a
/// multiple of, and with u uniform sin(kr)/(kr).
/// </remarks>
internal sealed record SmoothedAscent : BatchAttack
{
    private const int Gradients = 4, Differences = 8;
    private const double Memory = 0.9, LastStep = 0.05;

    // Shares of ε.
    private static readonly (double Radius, bool ByDifferences)[] Runs = [(0.5, false), (0.1, false), (0.5, true)];

    public override string Name => "smoothed-ascent";

    public int Steps { get; init; } = 25;

    protected override void Run(AttackBatch batch, AttackContext context)
    {
        double epsilon = batch.Ball.Threat.Epsilon;
        for (int run = 0; run < Runs.Length; run++)
        {
            using DisposeScope scope = NewDisposeScope();
            using ImageRandom random = batch.Random("smoothed ascent", run);
            Tensor point = batch.Clean.clone(), slope = zeros_like(point);
            // What a direction of ±1 is long, in the norm of the ball.
            double unit = epsilon / (batch.Ball.Threat.Norm == Norm.Linf ? 1 : Math.Sqrt(point.numel() / point.size(0)));
            for (int step = 0; step < Steps; step++)
            {
                using DisposeScope stepScope = NewDisposeScope();
                (double radius, bool byDifferences) = Runs[run];
                slope.mul_(Memory).add_(byDifferences ? ByDifferences(batch, point, random, radius * unit, run) : ByGradients(batch, point, random, radius * unit, run));
                double share = LastStep + (1 - LastStep) * (1 + Math.Cos(Math.PI * step / Math.Max(1, Steps - 1))) / 2;
                point.copy_(batch.Ball.Move(point, batch.Ball.SteepestDirection(slope), share * epsilon));
            }

            using Tensor last = batch.Evaluate(point, run, Steps);
        }
    }

    private static Tensor ByGradients(AttackBatch batch, Tensor point, ImageRandom random, double radius, int run)
    {
        Tensor sum = zeros_like(point);
        for (int draw = 0; draw < Gradients; draw++)
        {
            Tensor near = (point + random.Normal(point.shape[1..]) * radius).clamp(0, 1);
            sum.add_(batch.Differentiate(near, run, draw).Gradient);
        }

        return sum / Gradients;
    }

    /// <summary>Simultaneous perturbations (Spall 1992): along ±1 the difference itself is an estimate of every coordinate's slope.</summary>
    private static Tensor ByDifferences(AttackBatch batch, Tensor point, ImageRandom random, double step, int run)
    {
        Tensor sum = zeros_like(point);
        for (int draw = 0; draw < Differences; draw++)
        {
            Tensor direction = random.Signs(point.shape[1..]);
            Tensor above = batch.Evaluate((point + direction * step).clamp(0, 1), run, draw), below = batch.Evaluate((point - direction * step).clamp(0, 1), run, draw);
            sum.add_(direction * Ball.PerRow((above - below).to(point.dtype), point));
        }

        // Differences of a score that is scaled by 1e-8 are slopes all the same.
        return sum / Ball.PerRow(sum.flatten(1).abs().amax([1L]).clamp_min(1e-30), sum);
    }
}
