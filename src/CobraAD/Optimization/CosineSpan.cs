namespace CobraAD.Optimization;

/// <summary>Over how many epochs the cosine of a <see cref="LearningRateSchedule"/> falls from its peak to zero.</summary>
public enum CosineSpan
{
    /// <summary>The epochs after the warm-up: the rate ends at zero.</summary>
    AfterWarmUp,

    /// <summary>As many epochs as the whole run has, as the released code does: the run ends before the rate reaches zero.</summary>
    Full,
}
