namespace CobraAD.Losses;

/// <summary>How the values of the anchors become one number.</summary>
public enum LossReduction
{
    /// <summary>Their mean, independent of the batch size.</summary>
    Mean,

    /// <summary>Their sum, as the paper writes it.</summary>
    Sum,
}
