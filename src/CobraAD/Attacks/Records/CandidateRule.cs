namespace CobraAD.Attacks.Records;

/// <summary>Which of the points an attack evaluates counts as its result.</summary>
public enum CandidateRule
{
    /// <summary>The most harmful of all, the clean image included: the attacker's true optimum over what was tried.</summary>
    WorstCase,

    /// <summary>
    /// The last point of the last run, even when an earlier one or the clean image was worse: what the released code of the paper
    /// reports. Only for comparison with such numbers; it can make a detector look more robust than it is.
    /// </summary>
    LastIterate,
}
