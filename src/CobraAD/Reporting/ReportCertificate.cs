using System.Globalization;
using CobraAD.Evaluation.Certification;

namespace CobraAD.Reporting;

/// <summary>What no ℓ₂ attack can do to a detector, found or not.</summary>
public sealed record ReportCertificate
{
    /// <summary>"lipschitz" or "median smoothing".</summary>
    public required string Kind { get; init; }

    /// <summary>What was bounded and how, in a sentence.</summary>
    public required string Statement { get; init; }

    /// <summary>The probability that all bounds hold together; 1 where nothing is drawn.</summary>
    public required double Confidence { get; init; }

    /// <summary>AUROC of the untouched images by the score that is bounded.</summary>
    public required double Auroc { get; init; }

    /// <summary>The certified AUROC at each radius, ascending.</summary>
    public required IReadOnlyList<ReportCertifiedPoint> Points { get; init; }

    /// <summary>The certificate as reports show it.</summary>
    /// <param name="certificate">The certificate.</param>
    public static ReportCertificate From(Certificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        bool isExact = certificate.Kind == CertificateKind.Lipschitz;
        return new ReportCertificate
        {
            Kind = isExact ? "lipschitz" : "median smoothing",
            Statement = isExact
                ? string.Create(CultureInfo.InvariantCulture, $"The score changes by at most {certificate.LipschitzConstant:G6} times the ℓ₂ length of a perturbation, on {certificate.Scores.Count} images; nothing is drawn.")
                : string.Create(CultureInfo.InvariantCulture,
                    $"The median of the score under Gaussian noise of σ = {certificate.Sigma}, bounded from {certificate.Samples} noisy copies of each of {certificate.Scores.Count} images; with probability {certificate.Confidence} all bounds hold together."),
            Confidence = certificate.Confidence,
            Auroc = certificate.Auroc,
            Points = [.. certificate.Points.Select(point => new ReportCertifiedPoint(point.Radius, point.Auroc))],
        };
    }
}
