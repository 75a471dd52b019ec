using System.Globalization;

namespace CobraAD.Evaluation.Parts;

/// <summary>How findings are put into words.</summary>
internal static class FindingText
{
    /// <summary>A finding about images that were read.</summary>
    public static DataFinding Of(DataFindingKind kind, string message, string advice, IReadOnlyList<CheckedImage> images, Func<CheckedImage, string> detail) =>
        new(kind, message, advice, [.. images.Select(image => image.Source)], [.. images.Select(detail)]) { Pictures = [.. images.Select(image => image.Index)] };

    public static string Count(int count, string one, string many) => $"{count} {(count == 1 ? one : many)}";

    public static string Percent(double share) => share.ToString("0.##%", CultureInfo.InvariantCulture);

    public static string Chance(double chance) => chance < 1e-6 ? "below 0.0001%" : chance.ToString("0.####%", CultureInfo.InvariantCulture);

    public static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
