using CobraAD.Attacks.BlackBox;
using CobraAD.Attacks.Gradient;
using CobraAD.Validation;

namespace CobraAD.Attacks.Composite;

/// <summary>
/// AutoAttack (Croce and Hein 2020) for one score: APGD, PGD in place of the DLR member (which needs three logits; the paper does the
/// same), FAB, Square. After each member, images that are rank-broken are dropped.
/// </summary>
public sealed record AutoAttack : Attack
{
    /// <inheritdoc/>
    public override string Name => "autoattack";

    /// <summary>Steps of each gradient member.</summary>
    /// <value>Default 100.</value>
    public int Steps { get; init; } = 100;

    /// <summary>Restarts of each gradient member.</summary>
    /// <value>Default 5.</value>
    public int Restarts { get; init; } = 5;

    /// <summary>Queries of Square.</summary>
    /// <value>Default 5,000.</value>
    public int Queries { get; init; } = 5000;

    /// <summary>Whether APGD also runs on each of the detector's surrogates.</summary>
    /// <value>Default <see langword="false"/>, as in the original.</value>
    public bool Surrogates { get; init; }

    /// <summary>How many APGD runs to add that are steered by one of the nearest outputs each, in place of the original's targeted members.</summary>
    /// <value>Default 0.</value>
    public int Targets { get; init; }

    /// <summary>The members, in order; each can also be run by itself.</summary>
    public IReadOnlyList<IAttack> Members =>
    [
        new Apgd { Steps = Steps, Restarts = Restarts, Surrogates = Surrogates, Targets = Targets },
        new Pgd { Steps = Steps, Restarts = Restarts, Schedule = StepSchedule.Constant, RandomStart = true },
        new Fab { Steps = Steps, Restarts = Restarts },
        new Square { Queries = Queries },
    ];

    /// <inheritdoc/>
    public override void Validate()
    {
        OptionCheck.Require(Steps, 1, 1_000_000);
        OptionCheck.Require(Restarts, 1, 10_000);
        OptionCheck.Require(Queries, 1, 10_000_000);
        OptionCheck.Require(Targets, 0, 1000);
    }

    /// <inheritdoc/>
    public override void Run(AttackContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Validate();
        foreach (IAttack member in Members) context.RunMember(this, member);
    }
}
