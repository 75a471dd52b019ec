namespace CobraAD.Losses;

/// <summary>How two rows of a batch are related: the colours of the matrix in the paper's figure 1.</summary>
internal enum PairKind
{
    /// <summary>A row and itself; in no sum.</summary>
    Self,

    /// <summary>Two views of one sample: pulled together.</summary>
    Positive,

    /// <summary>The same view of a sample and of the pseudo-anomaly made from it, or the reverse: pushed apart by name.</summary>
    Opposite,

    /// <summary>Rows of one group but of other samples: the spurious negatives that give the paper its title.</summary>
    SameGroup,

    /// <summary>Rows of the other group that are no opposite.</summary>
    Negative,
}
