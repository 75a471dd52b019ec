namespace CobraAD.Evaluation.Certification;

/// <summary>What no ℓ₂ attack can do to a detector, whichever it is: bounds of every image's score.</summary>
public sealed record Certificate
{
    /// <summary>Whose score is bounded: the detector's own, or that of its smoothed form.</summary>
    public required string Detector { get; init; }

    /// <summary>Where the bounds come from.</summary>
    public required CertificateKind Kind { get; init; }

    /// <summary>L of a <see cref="CertificateKind.Lipschitz"/> certificate; otherwise <see langword="null"/>.</summary>
    public double? LipschitzConstant { get; init; }

    /// <summary>σ of a smoothed score; otherwise <see langword="null"/>.</summary>
    public double? Sigma { get; init; }

    /// <summary>Noisy copies of each image behind the bounds of a smoothed score; otherwise <see langword="null"/>.</summary>
    public int? Samples { get; init; }

    /// <summary>The probability, over the noise, that all bounds hold together; 1 for a certificate that draws none.</summary>
    public required double Confidence { get; init; }

    /// <summary>Index of each image in the test set, ascending.</summary>
    public required IReadOnlyList<int> Sample { get; init; }

    /// <summary>The label of each image.</summary>
    public required IReadOnlyList<bool> IsAnomalous { get; init; }

    /// <summary>The score of each untouched image; of a smoothed score the median of its noisy copies.</summary>
    public required IReadOnlyList<double> Scores { get; init; }

    /// <summary>AUROC of these.</summary>
    public required double Auroc { get; init; }

    /// <summary>The bounds at each radius, ascending.</summary>
    public required IReadOnlyList<CertifiedPoint> Points { get; init; }
}
