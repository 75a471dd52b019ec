namespace CobraAD.Reporting.Rendering;

/// <summary>What is shown as pictures.</summary>
internal static class ImageSections
{
    /// <summary>The images on which the attack did the most harm.</summary>
    public static Markup Hardest(RobustnessReport report) => report.Detectors.All(detector => detector.HardestImages.Count == 0) ? Markup.Empty : Markup.Of(
        $"""
        <section aria-labelledby="hardest">
        <h2 id="hardest">The hardest images</h2>
        <p>Where the attack did the most harm: the untouched image, the attacked one, and the difference magnified around grey.</p>
        {Markup.Join(report.Detectors.Where(detector => detector.HardestImages.Count > 0), detector => Markup.Of($"""<h3>{detector.Name}</h3><div class="hard">{Markup.Join(detector.HardestImages, image => Hard(report, image))}</div>"""))}
        </section>
        """);

    /// <summary>The report's own galleries.</summary>
    public static Markup Galleries(RobustnessReport report) => Markup.Join(report.Galleries, (gallery, index) => Markup.Of(
        $"""
        <section aria-labelledby="gallery-{index}">
        <h2 id="gallery-{index}">{gallery.Title}</h2>
        <p>{gallery.Caption}</p>
        <figure><ul class="gallery">{Markup.Join(gallery.Images, image => Markup.Of($"<li>{Picture(image)}{image.Description}</li>"))}</ul></figure>
        </section>
        """));

    private static Markup Hard(RobustnessReport report, HardImage image)
    {
        string found = image.Attack.Length > 0 ? $", found by {image.Attack}" : "";
        string kind = image.Kind.Length > 0 ? $" ({image.Kind})" : "";
        return Markup.Of(
            $"""
            <figure>
            <div class="triple"><div>{Picture(image.Clean)}Untouched<br>score {ReportNumbers.Score(image.CleanScore)}</div><div>{Picture(image.Attacked)}Attacked<br>score {ReportNumbers.Score(image.AttackedScore)}</div><div>{Picture(image.Perturbation)}Difference<br>× {image.Magnification}</div></div>
            <figcaption><strong>{(image.IsAnomalous ? "Anomalous" : "Normal")}</strong>{kind}, {image.Source}{found}; size {report.Threat.Radius(image.PerturbationNorm)} in {report.Threat.NormSymbol}</figcaption>
            </figure>
            """);
    }

    private static Markup Picture(ReportImage image) =>
        Markup.Of($"""<img src="data:image/png;base64,{new Markup(Convert.ToBase64String(image.Png))}" alt="{image.Description}">""");
}
