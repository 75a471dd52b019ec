using CobraAD.Attacks.BlackBox;
using CobraAD.Attacks.Composite;
using CobraAD.Attacks.Gradient;

namespace CobraAD.Attacks;

/// <summary>All attacks at the size that a budget allows.</summary>
public static class AttackSuite
{
    /// <summary>FGSM, PGD, SimBA, Square, AutoAttack, CAA and A³, sized for a budget.</summary>
    /// <param name="budget">How much the suite may cost.</param>
    public static IReadOnlyList<Attack> Create(AttackBudget budget)
    {
        Size size = budget switch
        {
            AttackBudget.Smoke => new(PgdSteps: 10, PgdRestarts: 1, Steps: 20, Restarts: 1, Queries: 100, AdaptivePasses: 60, CompositeEffort: 0.05),
            AttackBudget.Quick => new(50, 2, 50, 2, 500, 200, 0.25),
            AttackBudget.Standard => new(200, 5, 100, 5, 5000, 600, 1),
            AttackBudget.Paper => new(1000, 10, 100, 5, 5000, 1000, 1),
            _ => throw new ArgumentOutOfRangeException(nameof(budget), budget, $"Budget must be one of {string.Join(", ", Enum.GetNames<AttackBudget>())}."),
        };
        return
        [
            new Fgsm(),
            new Pgd { Steps = size.PgdSteps, Restarts = size.PgdRestarts },
            new Simba { Queries = budget == AttackBudget.Paper ? null : size.Queries },
            new Square { Queries = size.Queries },
            new AutoAttack { Steps = size.Steps, Restarts = size.Restarts, Queries = size.Queries, Surrogates = true },
            new Caa { Effort = size.CompositeEffort },
            new A3 { Budget = size.AdaptivePasses },
        ];
    }

    private sealed record Size(
        int PgdSteps, int PgdRestarts, int Steps, int Restarts, int Queries, int AdaptivePasses, double CompositeEffort);
}
