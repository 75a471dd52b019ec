using CobraAD.Datasets;
using CobraAD.PseudoAnomalies;
using CobraAD.Reporting.Pictures;
using CobraAD.Tests.Compatibility;

namespace CobraAD.Tests.PseudoAnomalies;

public sealed class PseudoAnomalyGalleryTests
{
    [Fact]
    public void Each_normal_image_has_its_pseudo_anomaly_and_a_picture_shows_both()
    {
        using TemporaryFolder folder = new();
        string picture = Path.Combine(folder.Path, "gallery.png");
        using AnomalyBenchmark data = Detector.Open(OldFiles.Path("parts"));

        using PseudoAnomalyGallery gallery = PseudoAnomalyGallery.Draw(data.Train, "rotation", new PseudoAnomalyOptions(), count: 3);
        gallery.WritePicture(picture);

        Assert.Equal([3L, 3, data.Train.Height, data.Train.Width], gallery.Normals.shape);
        Assert.Equal(gallery.Normals.shape, gallery.PseudoAnomalies.shape);
        Assert.Null(gallery.NormalPValues);
        Assert.Equal(3, gallery.Statistics.Images);
        Assert.Equal([0x89, .. "PNG"u8], File.ReadAllBytes(picture)[..4]);
        Assert.Equal(6, gallery.ToReport().Images.Count);
    }

    [Fact]
    public void Candidates_are_the_same_for_the_same_seed_and_are_called_so()
    {
        using AnomalyBenchmark data = Detector.Open(OldFiles.Path("parts"));

        using PseudoAnomalyGallery first = PseudoAnomalyGallery.Candidates(data.Train, new PseudoAnomalyOptions(), seed: 7, count: 2);
        using PseudoAnomalyGallery again = PseudoAnomalyGallery.Candidates(data.Train, new PseudoAnomalyOptions(), seed: 7, count: 2);

        Assert.Equal(first.PseudoAnomalies.data<float>().ToArray(), again.PseudoAnomalies.data<float>().ToArray());
        Assert.Contains("candidates", first.ToReport().Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none", "makes none")]
    [InlineData("vos", "not images")]
    public void A_source_without_images_is_refused_with_its_reason(string source, string reason)
    {
        using AnomalyBenchmark data = Detector.Open(OldFiles.Path("parts"));

        ArgumentException refused = Assert.Throws<ArgumentException>(() => PseudoAnomalyGallery.Draw(data.Train, source, new PseudoAnomalyOptions()));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Null(PseudoAnomalyGallery.Refusal("ours"));
    }
}
