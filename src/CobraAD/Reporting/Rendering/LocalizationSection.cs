using CobraAD.Evaluation.Localization;

namespace CobraAD.Reporting.Rendering;

/// <summary>How well the maps of detectors find the defects, a sentence for each.</summary>
internal static class LocalizationSection
{
    /// <summary>The section; empty where nothing was measured.</summary>
    public static Markup Of(RobustnessReport report) => report.Detectors.All(detector => detector.Localization is null) ? Markup.Empty : Markup.Of(
        $"""
        <section aria-labelledby="localization">
        <h2 id="localization">Where the defects are</h2>
        {Markup.Join(report.Detectors.Where(detector => detector.Localization is not null), detector => Markup.Of($"""<p>{detector.Name}: {Sentence(detector.Localization!)}</p>"""))}
        </section>
        """);

    /// <summary>The numbers in a sentence.</summary>
    public static string Sentence(LocalizationResult located)
    {
        string without = located.WithoutMask == 0 ? "" : $"; {located.WithoutMask} anomalous images have no mask and were left out";
        string attacked = located.UnderAttack is { } worst ? $" On the images as the worst attack left them: {Figures(worst)}." : "";
        return $"The map against the masks of the untouched images: {Figures(located)} ({located.Images} images, {located.Regions} regions{without}).{attacked}";
    }

    private static string Figures(LocalizationResult located) =>
        $"pixel AUROC {ReportNumbers.Percent(located.PixelAuroc)}, AUPRO {ReportNumbers.Percent(located.Aupro)} up to 30% false positives, largest pixel F1 {ReportNumbers.Percent(located.PixelF1)}";
}
