using System.Globalization;
using CobraAD.PseudoAnomalies;
using static TorchSharp.torch;

namespace CobraAD.Reporting.Pictures;

/// <summary>Draws a <see cref="PseudoAnomalyGallery"/>: here, because what is above Reporting in the order of rooms does not know pictures.</summary>
public static class GalleryPicture
{
    /// <summary>Two rows with p-values below the images, as a PNG file, which appears complete or not at all.</summary>
    /// <param name="gallery">What to draw.</param>
    /// <param name="path">The file to make or replace.</param>
    public static void WritePicture(this PseudoAnomalyGallery gallery, string path)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        ImageGrid.Write(path, [new ImageGridRow("normal", gallery.Normals, Captions(gallery.NormalPValues)), new ImageGridRow("pseudo-anomalies", gallery.PseudoAnomalies, Captions(gallery.AnomalyPValues))]);
    }

    /// <summary>The gallery as a section of a report.</summary>
    /// <param name="gallery">What to show.</param>
    public static ReportGallery ToReport(this PseudoAnomalyGallery gallery)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        return gallery.AreCandidates
            ? new ReportGallery(
                "Normal images and candidates for pseudo-anomalies",
                "Two to four hard transforms make a candidate out of a normal image; training keeps those that its filter finds unlike normal images.",
                [.. Images(gallery.Normals, "a normal training image"), .. Images(gallery.PseudoAnomalies, "the candidate made of it")])
            : new ReportGallery(
                "Normal images and their pseudo-anomalies",
                $"What training takes for anomalies: {gallery.Source}.",
                [.. Images(gallery.Normals, "a normal training image"), .. Images(gallery.PseudoAnomalies, "the pseudo-anomaly made of it")]);
    }

    private static IEnumerable<ReportImage> Images(Tensor images, string description)
    {
        for (int i = 0; i < images.size(0); i++)
        {
            using Tensor image = images[i];
            yield return new ReportImage(PngImage.Encode(image), description);
        }
    }

    private static string[]? Captions(IReadOnlyList<double>? pValues) =>
        pValues is null ? null : [.. pValues.Select(p => string.Create(CultureInfo.InvariantCulture, $"p = {p:0.000}"))];
}
