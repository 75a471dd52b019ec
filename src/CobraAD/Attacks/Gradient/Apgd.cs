using CobraAD.Detection;
using CobraAD.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Gradient;

/// <summary>
/// Auto-PGD (Croce and Hein 2020) on the score itself: a step size that adapts to each image, and momentum. With two logits formed from
/// one score, the cross-entropy of the original would give the same directions until it saturates.
/// </summary>
public sealed record Apgd : BatchAttack
{
    /// <inheritdoc/>
    public override string Name => "apgd";

    /// <summary>Gradient steps of one run.</summary>
    /// <value>Default 100.</value>
    public int Steps { get; init; } = 100;

    /// <summary>Runs on the score, each from a random point at distance ε.</summary>
    /// <value>Default 5.</value>
    public int Restarts { get; init; } = 5;

    /// <summary>Weight of the current step against the previous one.</summary>
    /// <value>Default 0.75.</value>
    public double Momentum { get; init; } = 0.75;

    /// <summary>Share of rising steps below which an image's step size is halved.</summary>
    /// <value>Default 0.75.</value>
    public double Rho { get; init; } = 0.75;

    /// <summary>Whether to add a run steered by each of the detector's surrogates; points are scored exactly.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool Surrogates { get; init; }

    /// <summary>How many runs to add that are steered by one of each image's nearest items (bank entries) each; points are scored exactly.</summary>
    /// <value>Default 0.</value>
    public int Targets { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        OptionCheck.Require(Steps, 1, 1_000_000);
        OptionCheck.Require(Restarts, 0, 10_000);
        OptionCheck.Require(Momentum, 0, 1);
        OptionCheck.Require(Rho, 0, 1);
        OptionCheck.Require(Targets, 0, 1000);
    }

    /// <inheritdoc/>
    protected override void Run(AttackBatch batch, AttackContext context)
    {
        int restart = 0;
        for (; restart < Restarts; restart++) Climb(null);
        if (Surrogates)
        {
            foreach (ScoreSurrogate surrogate in batch.Detector.Surrogates)
            {
                Climb(StandIn.Of(surrogate, batch));
                restart++;
            }
        }

        foreach (StandIn target in OutputTargets.Create(batch, Targets))
        {
            Climb(target);
            restart++;
        }

        void Climb(StandIn? standIn)
        {
            using DisposeScope scope = NewDisposeScope();
            using ImageRandom random = batch.Random("apgd start", restart);
            AdaptiveAscent.Run(batch, batch.Ball.RandomBoundaryPoint(random), Steps, restart, Momentum, Rho, standIn);
        }
    }
}
