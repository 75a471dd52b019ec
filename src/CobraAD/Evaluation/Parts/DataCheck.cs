using CobraAD.Datasets;
using CobraAD.Datasets.Survey;
using CobraAD.Networks.Backbones;
using CobraAD.Numerics;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Parts;

/// <summary>
/// Looks at images before a detector is trained on them: copies, leaks into the test, images unlike the others, other sizes, exposures and focus.
/// The score of a detector with a bank is the distance to the nearest good image, so a single bad one among them lets every part like it pass.
/// </summary>
/// <example><code>
/// using DataCheckResult result = DataCheck.Run("parts");
/// foreach (DataFinding finding in result.Findings) Console.WriteLine(finding.Message);
/// </code></example>
public static class DataCheck
{
    /// <summary>Differences that mean nothing: half a grey level, a thousandth of the pixels, 2 % of the sharpness.</summary>
    private const double BrightnessResolution = 0.5, ClippedResolution = 1e-3, SharpnessResolution = 0.02;

    /// <summary>A camera's 12 bits in 16 leave 16 of 256 levels.</summary>
    private const double FewLevels = 32;

    /// <summary>Checks a data set.</summary>
    /// <param name="path">The data set's folder.</param>
    /// <param name="options">What to look at; the defaults when <see langword="null"/>.</param>
    /// <param name="device">Where features are computed; the CPU when <see langword="null"/>.</param>
    /// <param name="progress">Told how far the check is.</param>
    /// <param name="cancellation">Stops the check.</param>
    /// <returns>What was found; the caller disposes it.</returns>
    /// <exception cref="DatasetException">The data set is missing, damaged or too small, or there is no room for its decoded images.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="Serialization.ModelFormatException">The backbone's file is damaged or does not fit.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static DataCheckResult Run(
        string path, DataCheckOptions? options = null, Device? device = null, IProgress<DataCheckProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new DataCheckOptions();
        options.Validate();
        TorchRuntime.EnsureInitialized();
        DataSurvey survey = DataSurvey.Of(path, options.Data, progress is null ? null : new Reading(progress), cancellation);
        return Handover.OrDispose(survey, () => Look(survey, options, device ?? CPU, progress, cancellation));
    }

    private static DataCheckResult Look(DataSurvey survey, DataCheckOptions options, Device device, IProgress<DataCheckProgress>? progress, CancellationToken cancellation)
    {
        IReadOnlyList<SurveyedImage> items = survey.Items;
        IReadOnlyList<(int Original, Recognition Recognition)> originals = ImageMarks.Whole(survey.Images).Originals();
        int[] groups = GroupsOf(originals);
        int training = items.Count(item => item.IsTraining);
        BackboneOptions? backbone = options.Backbone ?? (device.type == DeviceType.CPU && training > NeighbourDistances.MostCompared ? null : NeighbourDistances.Installed);
        (double[] distances, string name) = NeighbourDistances.Of(survey.Images, groups[..training], backbone, device, progress, cancellation);
        double[] chances = OutlierChances(distances);

        CheckedImage[] images =
        [
            .. items.Select((item, i) => new CheckedImage(
                item.Source, item.Kind, item.IsTraining, item.IsGood, item.Width, item.Height, item.Measures.IsGrey, item.Measures.Brightness, item.Measures.Contrast,
                item.Measures.Clipped, item.Measures.Sharpness)
            {
                Index = i,
                Distance = i < training && double.IsFinite(distances[i]) ? distances[i] : null,
                OutlierChance = i < training && double.IsFinite(distances[i]) ? chances[i] : null,
                CopyOf = originals[i].Recognition == Recognition.None ? null : items[originals[i].Original].Source,
            }),
        ];
        DataFinding?[] findings =
        [
            CopyFindings.Contradiction(images, groups),
            CopyFindings.Leak(images, groups),
            LeftOut(survey.Skipped),
            Outliers(images, name, options.FalseAlarmRate),
            .. CopyFindings.Copies(images, originals),
            Exposure(images, options.FalseAlarmRate),
            Focus(images, options.FalseAlarmRate),
            .. ShapeFindings.Of(images),
            Levels(survey.Images, training),
            ShapeFindings.Few(training),
        ];
        return new DataCheckResult(survey.Name, name, options.FalseAlarmRate, survey.Images.Fingerprint, [.. findings.OfType<DataFinding>()], images) { Pixels = survey.Images };
    }

    /// <summary>Whatever resembles an image that resembles another belongs to one group with both.</summary>
    private static int[] GroupsOf(IReadOnlyList<(int Original, Recognition Recognition)> originals)
    {
        int[] groups = new int[originals.Count];
        for (int i = 0; i < groups.Length; i++) groups[i] = originals[i].Original == i ? i : groups[originals[i].Original];
        return groups;
    }

    /// <summary>Images whose others are all copies have no distance, and speak for none.</summary>
    private static double[] OutlierChances(double[] distances)
    {
        int[] usable = [.. Enumerable.Range(0, distances.Length).Where(i => double.IsFinite(distances[i]))];
        double[] known = [.. usable.Select(i => distances[i])], chances = new double[distances.Length];
        Array.Fill(chances, 1);
        if (known.Length == 0) return chances;
        double[] found = UpperTail.Chances(known, resolution: Math.Max(1e-9, 1e-3 * known.Max()));
        for (int i = 0; i < usable.Length; i++) chances[usable[i]] = found[i];
        return chances;
    }

    private static DataFinding? LeftOut(IReadOnlyList<UnreadableImage> skipped) => skipped.Count == 0 ? null : new DataFinding(
        DataFindingKind.LeftOut,
        $"{FindingText.Count(skipped.Count, "file is", "files are")} left out.",
        "Replace what is damaged, convert what is of another format, and move what lies in another place; or remove it.",
        [.. skipped.Select(image => image.Source)],
        [.. skipped.Select(image => image.Reason)]);

    private static DataFinding? Outliers(IReadOnlyList<CheckedImage> images, string features, double rate)
    {
        CheckedImage[] found = [.. images.Where(image => image.OutlierChance <= rate).OrderBy(image => image.OutlierChance).ThenByDescending(image => image.Distance)];
        int training = images.Count(image => image.IsTraining);
        return found.Length == 0 ? null : FindingText.Of(
            DataFindingKind.Outlier,
            $"{found.Length} of the {training} good images {(found.Length == 1 ? "is" : "are")} unlike all others (by {features}; in a flawless set any such image turns up with a chance of at most {FindingText.Percent(rate)}).",
            "A detector takes them for good, and with them every part that resembles one. Look at them: a bad part among the good ones must go; a rare good one needs more like it.",
            found,
            image => FindingText.Invariant($"distance {image.Distance:G4} to the nearest other, chance {FindingText.Chance(image.OutlierChance!.Value)}"));
    }

    private static DataFinding? Exposure(IReadOnlyList<CheckedImage> images, double rate)
    {
        CheckedImage[] good = [.. images.Where(image => image.IsGood)];
        double[] brightness = UpperTail.ChancesOfBothSides([.. good.Select(image => image.Brightness)], BrightnessResolution);
        double[] clipped = UpperTail.Chances([.. good.Select(image => image.Clipped)], ClippedResolution);
        CheckedImage[] found = [.. good.Select((image, i) => (image, chance: Math.Min(brightness[i], clipped[i]))).Where(pair => pair.chance <= rate).OrderBy(pair => pair.chance).Select(pair => pair.image)];
        double usual = Median([.. good.Select(image => image.Brightness)]);
        return found.Length == 0 ? null : FindingText.Of(
            DataFindingKind.Exposure,
            FindingText.Invariant($"{found.Length} of the {good.Length} good images {(found.Length == 1 ? "is" : "are")} exposed otherwise than the rest, whose mean grey level is about {usual:0}."),
            "A part that is good in odd light teaches a detector that such light is normal. Take the pictures again, or, where the light does vary, more of them.",
            found,
            image => FindingText.Invariant($"mean grey level {image.Brightness:0}, {FindingText.Percent(image.Clipped)} black or white"));
    }

    private static DataFinding? Focus(IReadOnlyList<CheckedImage> images, double rate)
    {
        CheckedImage[] good = [.. images.Where(image => image.IsGood)];
        double[] chances = UpperTail.ChancesOfBothSides([.. good.Select(image => image.Sharpness)], SharpnessResolution);
        CheckedImage[] found = [.. good.Select((image, i) => (image, chance: chances[i])).Where(pair => pair.chance <= rate || pair.image.Sharpness == PictureMeasures.NoContrast).OrderBy(pair => pair.chance).Select(pair => pair.image)];
        double usual = Median([.. good.Select(image => image.Sharpness)]);
        return found.Length == 0 ? null : FindingText.Of(
            DataFindingKind.Focus,
            $"{found.Length} of the {good.Length} good images {(found.Length == 1 ? "is" : "are")} much softer or sharper than the rest.",
            "A picture out of focus hides what is to be found. Take it again. Much sharper than the rest is noise, or another resolution.",
            found,
            image => image.Sharpness == PictureMeasures.NoContrast ? "the same grey everywhere" : FindingText.Invariant($"{Math.Exp((image.Sharpness - usual) / 2):0.00} times the usual sharpness"));
    }

    private static DataFinding? Levels(ImageSet images, int training)
    {
        (int low, int high) = images.Range(training);
        return high - low >= FewLevels ? null : new DataFinding(
            DataFindingKind.Levels, $"The training images use the grey levels {low} to {high} of 0 to 255 only.",
            "Data of 10 or 12 bits in files of 16 look like this where their whole range is taken (--window full), and so do pictures that are exposed too short: a window of the samples that are used gives them all levels.", [], []);
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return Quantile.Interpolated(values, 0.5);
    }

    private sealed class Reading(IProgress<DataCheckProgress> progress) : IProgress<DatasetProgress>
    {
        public void Report(DatasetProgress value) => progress.Report(new DataCheckProgress("reading", value.Done, value.Total));
    }
}
