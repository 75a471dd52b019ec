using System.Globalization;
using CobraAD.Datasets.Survey;
using CobraAD.Numerics;

namespace CobraAD.Datasets;

/// <summary>What is odd about images that a detector is to be trained on: sentences for whoever is about to.</summary>
internal static class TrainingRemarks
{
    /// <summary>8 bits have 256; a camera's 12 bits in 16 leave 16.</summary>
    private const int FewLevels = 32;

    /// <summary>The chance that any image of a flawless set is called odd, for each measure.</summary>
    private const double FalseAlarmRate = 0.01;

    private const int MostNamed = 3;

    /// <summary>Of how many in a hundred pairs of a good test image and a training image the one must be the brighter, or the darker, to be spoken of.</summary>
    private const double OtherLight = 0.8;

    /// <summary>Standard deviations of the rank statistic by which that must differ from a half.</summary>
    private const double BeyondChance = 4;

    /// <summary>Of a benchmark: its training images, which of its test images are among them, and whether the good ones were taken in the same light.</summary>
    public static IReadOnlyList<string> Of(AnomalyBenchmark benchmark)
    {
        PictureMeasures[] measures = Measured(benchmark.Train, [.. Enumerable.Range(0, benchmark.Train.Count)]);
        return [.. Of(benchmark.Train), .. Leaks(benchmark), .. Odd(benchmark.Train, measures), .. Light(benchmark, [.. measures.Select(measure => measure.Brightness)])];
    }

    private static List<string> Of(ImageSet images)
    {
        List<string> remarks = [];
        (int different, int distinct) = images.Marks.Variety();
        if (different == 1) remarks.Add($"All {images.Count} training images are the same picture. A detector of it calls everything else anomalous, and its threshold means nothing.");
        else if (different < images.Count) remarks.Add($"Only {different} of the {images.Count} training images are different; the others are copies. The threshold promises less than their number says.");
        if (different > 1 && distinct * 2 < different) remarks.Add($"Most training images are almost the same: {distinct} of {different} differ by more than a grey level anywhere on a grid of 8 × 8. Good parts that vary more will be false alarms.");
        (int darkest, int brightest) = images.Range(images.Count);
        if (brightest - darkest < FewLevels)
            remarks.Add($"The training images use the grey levels {darkest} to {brightest} of 0 to 255 only. Data of 10 or 12 bits in files of 16 look like this where their whole range is taken (--window full), and so do pictures that are exposed too short: a window of the samples that are used gives them all levels.");
        return remarks;
    }

    /// <summary>One pass over the pixels of some images, as they are trained on.</summary>
    private static PictureMeasures[] Measured(ImageSet images, int[] rows)
    {
        PictureMeasures[] measures = new PictureMeasures[rows.Length];
        Parallel.For(0, rows.Length, i => measures[i] = PictureMeasures.Of(images.PlanarPixels(rows[i]), images.Width, images.Height));
        return measures;
    }

    /// <summary>
    /// Good images of the test that are as a whole darker or brighter than those of the training (MVTec AD's screws are): a detector may then do well, or
    /// worse than chance, by the light alone. Mann and Whitney's statistic, by ranks.
    /// </summary>
    private static IEnumerable<string> Light(AnomalyBenchmark benchmark, double[] training)
    {
        int[] good = [.. Enumerable.Range(0, benchmark.Test.Count).Where(i => !benchmark.TestIsAnomalous[i])];
        if (good.Length == 0) yield break;
        double[] tested = [.. Measured(benchmark.Test, good).Select(measure => measure.Brightness)];
        Array.Sort(training);
        // Ties count half.
        double brighter = tested.Average(value => (Ascending.Below(training, value) + Ascending.UpTo(training, value)) / (2.0 * training.Length));
        double deviation = Math.Sqrt((training.Length + tested.Length + 1.0) / (12.0 * training.Length * tested.Length));
        double share = Math.Max(brighter, 1 - brighter);
        if (share < OtherLight || share - 0.5 < BeyondChance * deviation) yield break;
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"The good test images are {(brighter > 0.5 ? "brighter" : "darker")} than the training images, in {100 * share:0} of 100 pairs: what a test says of such images may be about the light and not about defects.");
    }

    /// <summary>Where an exposure or a focus is off so far that it shows at the size of the training.</summary>
    private static IEnumerable<string> Odd(ImageSet images, PictureMeasures[] measures)
    {
        foreach ((string what, double[] values, double resolution) in ((string, double[], double)[])
            [
                ("exposed otherwise than the rest", [.. measures.Select(measure => measure.Brightness)], 0.5),
                ("much softer or sharper than the rest", [.. measures.Select(measure => measure.Sharpness)], 0.02),
            ])
        {
            double[] chances = UpperTail.ChancesOfBothSides(values, resolution);
            int[] odd = [.. Enumerable.Range(0, images.Count).Where(i => chances[i] <= FalseAlarmRate).OrderBy(i => chances[i])];
            if (odd.Length > 0)
                yield return $"{odd.Length} of the {images.Count} training images {(odd.Length == 1 ? "is" : "are")} {what}: {string.Join(", ", odd.Take(MostNamed).Select(i => images.Sources[i]))}{(odd.Length > MostNamed ? ", …" : "")}. 'cobra check' shows them.";
        }
    }

    /// <summary>The same pixels on both sides; what is almost the same takes longer to find and is left to the check.</summary>
    private static IEnumerable<string> Leaks(AnomalyBenchmark benchmark)
    {
        IReadOnlyList<bool> known = benchmark.Train.Marks.Same(benchmark.Test.Marks);
        foreach (bool anomalous in (bool[])[false, true])
        {
            int[] shared = [.. Enumerable.Range(0, known.Count).Where(i => known[i] && benchmark.TestIsAnomalous[i] == anomalous)];
            if (shared.Length == 0) continue;
            string named = string.Join(", ", shared.Take(MostNamed).Select(i => benchmark.Test.Sources[i])) + (shared.Length > MostNamed ? ", …" : "");
            string images = $"test {(shared.Length == 1 ? "image is" : "images are")}";
            yield return anomalous
                ? $"{shared.Length} anomalous {images} among the training images too ({named}): defects are trained on as good parts."
                : $"{shared.Length} good {images} among the training images too ({named}): what is measured on them is memory.";
        }
    }
}
