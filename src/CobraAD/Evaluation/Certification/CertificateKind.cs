namespace CobraAD.Evaluation.Certification;

/// <summary>Where bounds of a score come from.</summary>
public enum CertificateKind
{
    /// <summary>The detector's own Lipschitz constant: exact, and without any sample.</summary>
    Lipschitz,

    /// <summary>The median of the score under Gaussian noise (Chiang et al. 2020): of any detector, true with a stated confidence.</summary>
    MedianSmoothing,
}
