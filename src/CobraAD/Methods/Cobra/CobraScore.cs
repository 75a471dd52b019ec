namespace CobraAD.Methods.Cobra;

/// <summary>
/// Which score a COBRA detector reports. The first four are the paper's (its section 3.3, appendix E and Table 10); the others are ours,
/// because a maximum over the bank is decided by the one entry that lies wrong.
/// </summary>
public enum CobraScore
{
    /// <summary>A(x) = -max over the bank of the cosine similarity; in [-1, 1].</summary>
    Similarity,

    /// <summary>A'(x) = probability of "pseudo-anomaly" under the linear classifier H; in [0, 1].</summary>
    Classifier,

    /// <summary>A(x) + A'(x), unweighted; in [-1, 2].</summary>
    Sum,

    /// <summary>-max over the bank of the inner product of the un-normalised embeddings (appendix E); unbounded.</summary>
    InnerProduct,

    /// <summary>-T log of the mean over the bank of exp(cosine / T): a maximum in which every entry has a say; in [-1, 1].</summary>
    Smooth,

    /// <summary>-cosine similarity to the bank's mean direction, or to the nearest of a few centers; in [-1, 1].</summary>
    Center,

    /// <summary>A(x) over the bank without the entries that lie farthest from its mean direction; in [-1, 1].</summary>
    Trimmed,

    /// <summary>The log-odds of "pseudo-anomaly" under H: the order of <see cref="Classifier"/> without its saturation; unbounded.</summary>
    LogOdds,

    /// <summary><see cref="Smooth"/> + w · <see cref="LogOdds"/>, with w such that both spread alike on good images; unbounded.</summary>
    SmoothAndLogOdds,

    /// <summary>The best of these on good images and anomalies crafted from them; the model card says which, and how all of them did.</summary>
    Auto,
}
