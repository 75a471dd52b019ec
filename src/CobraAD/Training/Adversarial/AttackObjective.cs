namespace CobraAD.Training.Adversarial;

/// <summary>What the training attack raises.</summary>
public enum AttackObjective
{
    /// <summary>The loss that is trained (the paper's algorithm 1).</summary>
    Loss,

    /// <summary>The error of the score: normal images go away from the mean direction of the batch's normal embeddings, pseudo-anomalies towards it.</summary>
    Score,

    /// <summary>The sum of both.</summary>
    LossAndScore,
}
