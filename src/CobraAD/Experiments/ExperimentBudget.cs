namespace CobraAD.Experiments;

/// <summary>How much a reproduction may cost. Every number is printed with it, since numbers of different budgets are not comparable.</summary>
public enum ExperimentBudget
{
    /// <summary>Minutes for everything: shows that it runs, says nothing about quality.</summary>
    Smoke,

    /// <summary>Minutes a cell on a CPU: thin networks, short trainings, PGD 50×2 on 100 images of each class.</summary>
    Quick,

    /// <summary>Hours a cell on a CPU: the preset "fast", PGD 200×5 on 200 images of each class.</summary>
    Standard,

    /// <summary>The paper's: the preset "paper", PGD 1000×10 on every test image.</summary>
    Paper,
}
