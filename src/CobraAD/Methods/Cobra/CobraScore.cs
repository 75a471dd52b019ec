namespace CobraAD.Methods.Cobra;

/// <summary>Which of the paper's scores a COBRA detector reports (its section 3.3, appendix E and Table 10).</summary>
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
}
