using static TorchSharp.torch;

namespace CobraAD.Datasets;

/// <summary>What is odd about images that a detector is to be trained on: sentences for whoever is about to.</summary>
internal static class TrainingRemarks
{
    /// <summary>8 bits have 256; a camera's 12 bits in 16 leave 16.</summary>
    private const int FewLevels = 32;

    public static IReadOnlyList<string> Of(ImageSet images)
    {
        List<string> remarks = [];
        (int different, int distinct) = images.Marks.Variety();
        if (different == 1) remarks.Add($"All {images.Count} training images are the same picture. A detector of it calls everything else anomalous, and its threshold means nothing.");
        else if (different < images.Count) remarks.Add($"Only {different} of the {images.Count} training images are different; the others are copies. The threshold promises less than their number says.");
        if (different > 1 && distinct * 2 < different) remarks.Add($"Most training images are almost the same: {distinct} of {different} differ by more than a grey level anywhere on a grid of 8 × 8. Good parts that vary more will be false alarms.");
        (int darkest, int brightest) = Range(images);
        if (brightest - darkest < FewLevels)
            remarks.Add($"The training images use the grey levels {darkest} to {brightest} of 0 to 255 only. Data of 10 or 12 bits in files of 16 look like this: stretch them to the full range.");
        return remarks;
    }

    private static (int Darkest, int Brightest) Range(ImageSet images)
    {
        using Tensor pixels = images.Pixels(), darkest = pixels.min(), brightest = pixels.max();
        return (darkest.item<byte>(), brightest.item<byte>());
    }
}
