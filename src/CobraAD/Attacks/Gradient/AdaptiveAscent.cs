using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Gradient;

/// <summary>
/// The step rule of Auto-PGD (Croce and Hein 2020): x_{i+1} = P(x_i + a(z - x_i) + (1 - a)(x_i - x_{i-1})) with z = P(x_i + η·d_i).
/// η starts at 2ε and is halved, for each image by itself, at checkpoints where too few steps rose or the best value stood still; the
/// image then goes on from its best point.
/// </summary>
internal static class AdaptiveAscent
{
    private const double FirstWindow = 0.22, WindowShrinks = 0.03, SmallestWindow = 0.06;

    /// <summary>Climbs from a start. Every point is evaluated exactly; a stand-in objective only steers.</summary>
    /// <param name="batch">The images.</param>
    /// <param name="start">[B, 3, H, W], admissible.</param>
    /// <param name="steps">N; the run costs N gradients and one more evaluation.</param>
    /// <param name="restart">What the points are recorded under.</param>
    /// <param name="momentum">a.</param>
    /// <param name="rho">The share of rising steps below which η is halved.</param>
    /// <param name="standIn">What to climb instead of J.</param>
    public static void Run(
        AttackBatch batch, Tensor start, int steps, int restart, double momentum, double rho = 0.75, StandIn? standIn = null)
    {
        using DisposeScope run = NewDisposeScope();
        Ball ball = batch.Ball;
        Tensor point = start.clone();
        Tensor previous = start.clone();
        (Tensor value, Tensor gradient) = Look(batch, point, restart, 0, standIn);
        Tensor bestPoint = point.clone(), bestValue = value.clone(), bestGradient = gradient.clone();
        Tensor bestAtCheckpoint = value.clone();
        Tensor stepSize = full_like(Ball.PerRow(value, point), 2 * ball.Threat.Epsilon).to(point.dtype);
        Tensor rises = zeros_like(value);
        // Set, so that standing still cannot halve η at the first checkpoint.
        Tensor halvedBefore = ones_like(value).to(ScalarType.Bool);
        int window = Math.Max((int)(FirstWindow * steps), 1);
        int inWindow = 0;

        for (int step = 0; step < steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor target = ball.Move(point, ball.SteepestDirection(gradient), stepSize);
            double a = step == 0 ? 1 : momentum;
            Tensor next = ball.Project(point + (target - point) * a + (point - previous) * (1 - a));
            previous.copy_(point);
            point.copy_(next);
            if (step == steps - 1)
            {
                batch.Evaluate(point, restart, steps);
                break;
            }

            (Tensor newValue, Tensor newGradient) = Look(batch, point, restart, step + 1, standIn);
            rises.add_(newValue.gt(value).to(ScalarType.Float64));
            value.copy_(newValue);
            gradient.copy_(newGradient);
            Keep(newValue.gt(bestValue), (bestValue, value), (bestPoint, point), (bestGradient, gradient));
            if (++inWindow < window) continue;

            Tensor stoodStill = halvedBefore.logical_not() & bestValue.le(bestAtCheckpoint);
            Tensor halve = rises.le(rho * window) | stoodStill;
            stepSize.mul_(where(Ball.PerRow(halve, point), 0.5, 1.0).to(point.dtype));
            Keep(halve, (point, bestPoint), (previous, bestPoint), (gradient, bestGradient), (value, bestValue));
            halvedBefore.copy_(halve);
            bestAtCheckpoint.copy_(bestValue);
            rises.zero_();
            inWindow = 0;
            window = Math.Max(window - Math.Max((int)(WindowShrinks * steps), 1), Math.Max((int)(SmallestWindow * steps), 1));
        }
    }

    private static (Tensor Value, Tensor Gradient) Look(AttackBatch batch, Tensor point, int restart, int step, StandIn? standIn) =>
        standIn?.Look(batch, point, restart, step) ?? batch.Differentiate(point, restart, step);

    /// <summary>Overwrites the chosen rows of each target with the source's.</summary>
    private static void Keep(Tensor rows, params ReadOnlySpan<(Tensor Target, Tensor Source)> pairs)
    {
        foreach ((Tensor target, Tensor source) in pairs) target.copy_(where(Ball.PerRow(rows, target), source, target));
    }
}
