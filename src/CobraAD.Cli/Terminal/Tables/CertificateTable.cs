using System.Globalization;
using CobraAD.Attacks;
using CobraAD.Evaluation.Certification;
using CobraAD.Evaluation.Robustness;
using Spectre.Console;

namespace CobraAD.Cli.Terminal.Tables;

/// <summary>What is certified at each radius, beside what attacks did there.</summary>
internal static class CertificateTable
{
    /// <summary>The table of one detector.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="attacked">The attacks at the same radii; <see langword="null"/> where there were none.</param>
    public static Table Of(Certificate certificate, SecurityCurve? attacked)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("radius (l2)", "AUROC, certified", "AUROC, attacked");
        foreach (TableColumn column in table.Columns.Skip(1)) column.RightAligned();
        table.AddRow("untouched", Share(certificate.Auroc), "");
        foreach (CertifiedPoint point in certificate.Points)
            table.AddRow(point.Radius.ToString("0.####", CultureInfo.InvariantCulture), Share(point.Auroc), Share(At(attacked, point.Radius)));
        return table;
    }

    /// <summary>The AUROC under attack at a radius, where it was attacked under ℓ₂.</summary>
    public static double? At(SecurityCurve? attacked, double radius) => attacked is { Norm: Norm.L2 }
        ? attacked.Points.FirstOrDefault(point => point.Radius == radius)?.Worst.Metrics.Auroc
        : null;

    private static string Share(double? share) => share is { } value ? value.ToString("0.000", CultureInfo.InvariantCulture) : "";
}
