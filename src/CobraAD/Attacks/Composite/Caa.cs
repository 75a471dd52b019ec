using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using CobraAD.Torch;
using CobraAD.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Composite;

/// <summary>
/// Composite Adversarial Attacks (Mao et al. 2020) for one score: a policy of attacks, each started from the best point so far and again
/// from the clean image, all inside the one ball around the original image.
/// </summary>
/// <remarks>
/// Published policies: l∞ MultiTargeted(ε, 50) → MultiTargeted(ε, 25) → CW(ε, 125); l2 MultiTargeted(ε, 100) → PGD(7/8 ε, 25) →
/// DDN(1000). In place of nine other classes, MultiTargeted follows each image's nearest items (plain restarts where it has none);
/// CW on one score is APGD without momentum; DDN's boundary climbs the ranks of the other class, and its radius never exceeds ε.
/// </remarks>
public sealed record Caa : Attack
{
    private const string PublishedLinf = "mt@1x50>mt@1x25>cw@1x125";
    private const string PublishedL2 = "mt@1x100>pgd@0.875x25>ddn@1x1000";
    private const int PolicyLength = 3;

    /// <inheritdoc/>
    public override string Name => "caa";

    /// <summary>The policy, e.g. "mt@1x50>mt@1x25>cw@1x125": kind@radius×steps.</summary>
    /// <value><see langword="null"/> (the default) takes the published policy of the norm.</value>
    public string? Policy { get; init; }

    /// <summary>Directions of a MultiTargeted step.</summary>
    /// <value>Default 9.</value>
    public int Targets { get; init; } = 9;

    /// <summary>Share of each step count that is carried out, for smaller budgets.</summary>
    /// <value>Default 1.</value>
    public double Effort { get; init; } = 1;

    /// <summary>
    /// How many random policies to try on a part of the images before the best one attacks all; the result is then tuned to these very
    /// images, and should be labelled so.
    /// </summary>
    /// <value>Default 0: no search.</value>
    public int Search { get; init; }

    /// <summary>Images of each class that the search uses.</summary>
    /// <value>Default 64.</value>
    public int SearchSamples { get; init; } = 64;

    /// <inheritdoc/>
    public override void Validate()
    {
        if (Policy is not null) _ = CaaOperation.ParsePolicy(Policy);
        OptionCheck.Require(Targets, 1, 1000);
        OptionCheck.Require(Effort, 0.001, 100);
        OptionCheck.Require(Search, 0, 10_000);
        OptionCheck.Require(SearchSamples, 1, 1_000_000);
    }

    /// <inheritdoc/>
    public override void Run(AttackContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Validate();
        string published = context.Threat.Norm == Norm.Linf ? PublishedLinf : PublishedL2;
        CaaOperation[] policy = Search > 0 ? FindPolicy(context) : CaaOperation.ParsePolicy(Policy ?? published);
        context.ForEachBatch(Name, context.Ledger.OpenImages(), batch => Follow(policy, batch, context));
    }

    private void Follow(CaaOperation[] policy, AttackBatch batch, AttackContext context)
    {
        int restart = 0;
        // They depend on the clean image alone: searched once, whatever the number of links.
        List<StandIn> targets = policy.Any(operation => operation.Kind == "mt") ? OutputTargets.Create(batch, Targets) : [];
        for (int link = 0; link < policy.Length; link++)
        {
            Apply(policy[link], batch.Clean, targets, batch, context, ref restart);
            if (link > 0) Apply(policy[link], batch.BestPoints, targets, batch, context, ref restart);
        }
    }

    private void Apply(CaaOperation operation, Tensor origin, List<StandIn> targets, AttackBatch batch, AttackContext context, ref int restart)
    {
        using DisposeScope scope = NewDisposeScope();
        int steps = Math.Max(1, (int)Math.Round(operation.Steps * Effort));
        Tensor from = origin.clone();
        switch (operation.Kind)
        {
            case "mt":
                for (int target = 0; target < Targets; target++)
                {
                    StandIn? standIn = targets.Count == 0 ? null : targets[target % targets.Count];
                    AdaptiveAscent.Run(batch, Start(from, operation, batch, restart), steps, restart++, momentum: 0.75, standIn: standIn);
                }

                break;
            case "mi":
                AdaptiveAscent.Run(batch, Start(from, operation, batch, restart), steps, restart++, momentum: 0.75);
                break;
            case "ddn":
                Decouple(from, steps, restart++, batch, context);
                break;
            default:
                AdaptiveAscent.Run(batch, Start(from, operation, batch, restart), steps, restart++, momentum: 1);
                break;
        }
    }

    /// <summary>A random point around the operation's input, at its magnitude, brought back into the ball of the original image.</summary>
    private static Tensor Start(Tensor from, CaaOperation operation, AttackBatch batch, int restart)
    {
        using ImageRandom random = batch.Random("caa start", restart);
        return batch.Ball.Project(from + (batch.Ball.RandomPoint(random) - batch.Clean) * operation.Magnitude);
    }

    /// <summary>
    /// Decoupled direction and norm (Rony et al. 2019): unit steps along the gradient, then the perturbation is scaled to a radius that
    /// shrinks by 5 % after a success and grows by 5 % after a failure. Success is the next rank of the other class.
    /// </summary>
    private static void Decouple(Tensor from, int steps, int restart, AttackBatch batch, AttackContext context)
    {
        double epsilon = batch.Ball.Threat.Epsilon;
        RankLadder ladder = new(batch, context, threshold: null);
        Tensor point = from;
        Tensor radius = full_like(Ball.PerRow(batch.Sign, point), epsilon).to(point.dtype);
        for (int step = 0; step < steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            // Before the look: a point that reaches its goal moves the goal on.
            Tensor goal = ladder.Goal();
            (Tensor objective, Tensor gradient) = batch.Differentiate(point, restart, step);
            Tensor success = Ball.PerRow(objective.ge(goal), point);
            radius.mul_(where(success, 0.95, 1.05).to(point.dtype)).clamp_(0, epsilon);
            double length = 0.01 + 0.99 * (1 + Math.Cos(Math.PI * step / steps)) / 2;
            Tensor delta = point + batch.Ball.SteepestDirection(gradient) * (length * epsilon) - batch.Clean;
            Tensor size = batch.Ball.Threat.Norm == Norm.L2
                ? Ball.Length(delta)
                : Ball.PerRow(delta.abs().flatten(1).amax([1L]), delta);
            point.copy_(batch.Ball.Project(batch.Clean + delta * (radius / size.clamp_min(1e-12))));
        }

        batch.Evaluate(point, restart, steps);
    }

    private CaaOperation[] FindPolicy(AttackContext context)
    {
        int[] sample = [.. ClassSample(context.Ledger, anomalous: false), .. ClassSample(context.Ledger, anomalous: true)];
        (double Ranked, double Cost) best = (double.PositiveInfinity, double.PositiveInfinity);
        CaaOperation[] chosen = [];
        for (int number = 0; number < Search; number++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            CaaOperation[] policy = RandomPolicy(context.Streams, number);
            double[] fitness = context.Decide<double>($"caa policy {number}", () =>
            {
                using Ledger trial = context.Ledger.Subset(sample);
                AttackContext inner = new(context.Detector, trial, context.Streams, context.BatchSize, context.Cancellation);
                (this with { Search = 0, Policy = string.Join('>', policy.AsEnumerable()) }).Run(inner);
                context.Ledger.Charge(sample, trial);
                return [trial.RankShares().Average(), trial.BackwardPasses];
            });
            // Equally strong policies are told apart by their cost.
            if ((fitness[0], fitness[1]).CompareTo(best) >= 0) continue;
            best = (fitness[0], fitness[1]);
            chosen = policy;
        }

        return chosen;
    }

    private int[] ClassSample(Ledger ledger, bool anomalous) =>
        [.. Enumerable.Range(0, ledger.Count).Where(i => ledger.IsAnomalous[i] == anomalous).Take(SearchSamples)];

    private static CaaOperation[] RandomPolicy(RandomStreams streams, int number)
    {
        Random random = new((int)(streams.Derive("caa policy", number) & int.MaxValue));
        return
        [
            .. Enumerable.Range(0, PolicyLength).Select(_ => new CaaOperation(
                CaaOperation.Kinds[random.Next(CaaOperation.Kinds.Length)], random.Next(1, 9) / 8.0, 25 * random.Next(1, 7))),
        ];
    }
}
