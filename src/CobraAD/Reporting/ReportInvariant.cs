using System.Globalization;
using CobraAD.Evaluation.Robustness;

namespace CobraAD.Reporting;

/// <summary>Something that must hold in every honest evaluation, checked on the numbers of the report.</summary>
/// <param name="Name">What must hold.</param>
/// <param name="Holds">Whether it does.</param>
/// <param name="Detail">The numbers that were compared.</param>
public sealed record ReportInvariant(string Name, bool Holds, string Detail)
{
    // Metrics of the same scores in another order differ by rounding only.
    private const double Tolerance = 1e-9;

    /// <summary>Checks a detector's numbers: no attack raises the AUROC, all attacks together are no weaker than each, more radius never helps.</summary>
    /// <param name="detector">The detector's measurements.</param>
    public static IReadOnlyList<ReportInvariant> Check(ReportDetector detector)
    {
        ArgumentNullException.ThrowIfNull(detector);
        List<ReportInvariant> found = [];
        double clean = detector.Clean.Auroc.Value, union = detector.Union.Auroc.Value;
        if (detector.Attacks.Count > 0)
        {
            ReportCondition weakest = detector.Attacks.MaxBy(attack => attack.Auroc.Value)!;
            ReportCondition strongest = detector.Attacks.MinBy(attack => attack.Auroc.Value)!;
            found.Add(new($"{detector.Name}: no attack raises the AUROC", weakest.Auroc.Value <= clean + Tolerance,
                $"clean {Percent(clean)}, highest under attack {Percent(weakest.Auroc.Value)} ({weakest.Name})"));
            found.Add(new($"{detector.Name}: all attacks together are at least as strong as each", union <= strongest.Auroc.Value + Tolerance,
                $"together {Percent(union)}, strongest alone {Percent(strongest.Auroc.Value)} ({strongest.Name})"));
        }
        else
        {
            found.Add(new($"{detector.Name}: no attack raises the AUROC", union <= clean + Tolerance, $"clean {Percent(clean)}, under attack {Percent(union)}"));
        }

        if (detector.SecurityCurve.Count > 1)
        {
            ReportSecurityPoint[] ordered = [.. detector.SecurityCurve.OrderBy(point => point.Epsilon)];
            bool falls = ordered.Zip(ordered.Skip(1)).All(pair => pair.Second.Auroc.Value <= pair.First.Auroc.Value + Tolerance);
            found.Add(new($"{detector.Name}: a larger radius never raises the AUROC", falls, string.Join(" → ", ordered.Select(point => Percent(point.Auroc.Value)))));
        }

        return found;
    }

    /// <summary>Checks that no attack under ℓ₂ got below what is certified; nothing where nothing was certified, or at other radii.</summary>
    /// <param name="detector">The measurements of a detector that was attacked under ℓ₂.</param>
    public static IReadOnlyList<ReportInvariant> CheckCertificate(ReportDetector detector)
    {
        ArgumentNullException.ThrowIfNull(detector);
        if (detector.Certificate is not { } certificate) return [];
        (double Attacked, double Certified)[] pairs =
        [
            .. detector.SecurityCurve.Join(certificate.Points, point => point.Epsilon, bound => bound.Epsilon, (point, bound) => (point.Auroc.Value, bound.Auroc)),
        ];
        return pairs.Length == 0 ? [] :
        [
            new($"{detector.Name}: no attack gets below the certified AUROC", pairs.All(pair => pair.Attacked >= pair.Certified - Tolerance),
                string.Join(", ", pairs.Select(pair => $"{Percent(pair.Attacked)} attacked, {Percent(pair.Certified)} certified"))),
        ];
    }

    /// <summary>Checks that a fresh pass confirms what the attacks recorded; it does not for a score that is random or couples the images of a batch.</summary>
    /// <param name="evaluation">The evaluation, with at least one attack.</param>
    public static ReportInvariant CheckFreshPass(RobustnessResult evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        double largest = evaluation.Attacks.Max(attack => attack.Audit.LargestScoreDifference);
        int refused = evaluation.Attacks.Sum(attack => attack.Audit.Rejected);
        return new ReportInvariant(
            $"{evaluation.Detector}: a fresh pass confirms every recorded point", evaluation.IsConfirmed,
            string.Create(CultureInfo.InvariantCulture, $"scores differ by at most {largest:G2}, {refused} points refused"));
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + "%";
}
