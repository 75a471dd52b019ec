using System.Globalization;

namespace CobraAD.Reporting.Rendering;

/// <summary>How numbers are written in reports.</summary>
internal static class ReportNumbers
{
    public static string Percent(double share) => Invariant($"{100 * share:0.0}%");

    public static string Percent(double? share) => share is double value ? Percent(value) : "–";

    public static string Interval(ReportMetric metric) => Invariant($"{100 * metric.Low:0.0}–{100 * metric.High:0.0}");

    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Score(double score) => score.ToString("0.####", CultureInfo.InvariantCulture).Replace('-', '−');

    /// <summary>A radius under ℓ₂.</summary>
    public static string Length(double length) => length.ToString("0.####", CultureInfo.InvariantCulture);

    public static string Duration(double seconds) => seconds switch
    {
        < 0.1 => Invariant($"{1000 * seconds:0} ms"),
        < 60 => Invariant($"{seconds:0.0} s"),
        < 3600 => Invariant($"{Math.Floor(seconds / 60):0} min {seconds % 60:00} s"),
        _ => Invariant($"{Math.Floor(seconds / 3600):0} h {seconds % 3600 / 60:00} min"),
    };

    public static string Duration(double? seconds) => seconds is double value ? Duration(value) : "–";

    /// <summary>The moment in universal time, e.g. "14 March 2026, 09:26 UTC".</summary>
    public static string Date(DateTimeOffset moment) => Invariant($"{moment.ToUniversalTime():d MMMM yyyy, HH:mm} UTC");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
