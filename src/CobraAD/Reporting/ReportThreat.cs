using System.Globalization;

namespace CobraAD.Reporting;

/// <summary>What the attacker was allowed to do.</summary>
/// <param name="Norm">"linf" or "l2".</param>
/// <param name="Epsilon">Largest perturbation in that norm, in units of the full pixel range.</param>
public sealed record ReportThreat(string Norm, double Epsilon)
{
    /// <summary>The threat model as people write it, e.g. "l∞ ≤ 4/255".</summary>
    public override string ToString() => $"{NormSymbol} ≤ {Radius(Epsilon)}";

    internal string NormSymbol => Norm == "linf" ? "ℓ∞" : "ℓ₂";

    internal string Radius(double epsilon)
    {
        double levels = epsilon * 255;
        return Norm == "linf" && epsilon is > 0 and < 1 && Math.Abs(levels - Math.Round(levels)) < 1e-6
            ? $"{Math.Round(levels)}/255"
            : epsilon.ToString("0.####", CultureInfo.InvariantCulture);
    }
}
