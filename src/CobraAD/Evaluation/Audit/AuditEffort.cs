using CobraAD.Attacks;

namespace CobraAD.Evaluation.Audit;

/// <summary>What a budget buys.</summary>
internal sealed record AuditEffort(int Samples, int Steps, int Restarts, int Queries, int UnboundedSteps, int Draws)
{
    public static AuditEffort Of(AttackBudget budget) => budget switch
    {
        AttackBudget.Smoke => new(Samples: 16, Steps: 10, Restarts: 1, Queries: 100, UnboundedSteps: 200, Draws: 25),
        AttackBudget.Quick => new(50, 50, 2, 500, 200, 100),
        AttackBudget.Standard => new(200, 200, 5, 5000, 400, 100),
        _ => new(500, 1000, 10, 5000, 1000, 100),
    };
}
