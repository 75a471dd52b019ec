using CobraAD.Attacks.BlackBox;
using CobraAD.Attacks.Composite;
using CobraAD.Attacks.Gradient;

namespace CobraAD.Attacks;

/// <summary>All attacks at the size that a budget allows, and the one table that says what each budget buys.</summary>
public static class AttackSuite
{
    /// <summary>FGSM, PGD, SimBA, Square, AutoAttack, CAA and A³, sized for a budget.</summary>
    /// <param name="budget">How much the suite may cost.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such budget.</exception>
    public static IReadOnlyList<Attack> Create(Budget budget)
    {
        Size size = SizeOf(budget);
        return
        [
            new Fgsm(),
            new Pgd { Steps = size.Steps, Restarts = size.Restarts },
            new Simba { Queries = budget == Budget.Paper ? null : size.Queries },
            new Square { Queries = size.Queries },
            new AutoAttack { Steps = size.MemberSteps, Restarts = size.MemberRestarts, Queries = size.Queries, Surrogates = true },
            new Caa { Effort = size.Share },
            new A3 { Budget = size.Passes },
        ];
    }

    /// <summary>What a budget buys.</summary>
    internal static Size SizeOf(Budget budget) => budget switch
    {
        Budget.Smoke => new(
            Steps: 10, Restarts: 1, MemberSteps: 20, MemberRestarts: 1, Queries: 100, Passes: 60, Share: 0.05, Samples: 16, Draws: 25, UnboundedSteps: 200),
        Budget.Quick => new(50, 2, 50, 2, 500, 200, 0.25, 50, 100, 200),
        Budget.Standard => new(200, 5, 100, 5, 5000, 600, 1, 200, 100, 400),
        Budget.Paper => new(1000, 10, 100, 5, 5000, 1000, 1, 500, 100, 1000),
        _ => throw new ArgumentOutOfRangeException(nameof(budget), budget, $"Budget must be one of {string.Join(", ", Enum.GetNames<Budget>())}."),
    };

    /// <summary>The numbers of a budget.</summary>
    /// <param name="Steps">Gradient steps of a restart of PGD and of the attacks of an audit.</param>
    /// <param name="Restarts">Their restarts.</param>
    /// <param name="MemberSteps">Gradient steps of AutoAttack's members.</param>
    /// <param name="MemberRestarts">Their restarts.</param>
    /// <param name="Queries">Queries of the black-box attacks.</param>
    /// <param name="Passes">A³'s gradients for each image on average.</param>
    /// <param name="Share">Share of each step count that CAA carries out.</param>
    /// <param name="Samples">Images of each class that an audit takes.</param>
    /// <param name="Draws">Uniform draws from the ball that an audit's attack must beat.</param>
    /// <param name="UnboundedSteps">Steps of an audit's attack without a bound.</param>
    internal sealed record Size(
        int Steps, int Restarts, int MemberSteps, int MemberRestarts, int Queries, int Passes, double Share, int Samples, int Draws, int UnboundedSteps);
}
