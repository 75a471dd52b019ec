namespace CobraAD.Attacks;

/// <summary>
/// How much a run may cost. Every number is printed with it, since numbers of different budgets are not comparable. What a level means for
/// attacks says <see cref="AttackSuite"/>; a reproduction of the paper also trains by it.
/// </summary>
public enum Budget
{
    /// <summary>Seconds an attack, minutes a table: shows that it runs, says nothing about quality.</summary>
    Smoke,

    /// <summary>A first honest number: PGD 50×2, 500 queries. A reproduction: thin networks, short trainings, 100 images of each class.</summary>
    Quick,

    /// <summary>For decisions: PGD 200×5, 5,000 queries. A reproduction: hours a cell on a CPU, the preset "fast", 200 images of each class.</summary>
    Standard,

    /// <summary>The paper's setting: PGD 1000×10. A reproduction: the preset "paper", every test image.</summary>
    Paper,
}
