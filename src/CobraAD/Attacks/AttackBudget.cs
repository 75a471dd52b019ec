namespace CobraAD.Attacks;

/// <summary>How much an evaluation may cost; see <see cref="AttackSuite"/> for what each level means.</summary>
public enum AttackBudget
{
    /// <summary>Seconds, for tests of the machinery; says little about robustness.</summary>
    Smoke,

    /// <summary>A first honest number: PGD 50×2, 500 queries.</summary>
    Quick,

    /// <summary>For decisions: PGD 200×5, 5,000 queries.</summary>
    Standard,

    /// <summary>The paper's setting: PGD 1000×10.</summary>
    Paper,
}
