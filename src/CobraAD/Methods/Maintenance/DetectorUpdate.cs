using System.Globalization;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods.Common;

namespace CobraAD.Methods.Maintenance;

/// <summary>Takes new good parts into a trained model without training: into its bank, and into its threshold.</summary>
internal sealed class DetectorUpdate(IUpdatable detector, UpdateOptions options)
{
    private readonly ScoreCalibration before = detector.Card.Calibration;

    private double Rate => options.FalseAlarmRate ?? before.FalseAlarmRate;

    /// <summary>Changes the detector; a failure before the end leaves bank and threshold as they were, but for one while they are written.</summary>
    /// <param name="read">The images; they stay the caller's.</param>
    /// <param name="from">Where they came from, for the history.</param>
    /// <param name="when">The moment, for the history.</param>
    /// <param name="cancellation">Stops between two passes, before anything is changed.</param>
    public UpdateResult Run(ReadImages read, string from, DateTimeOffset when, CancellationToken cancellation)
    {
        ImageSet images = read.Images;
        bool[] known = Known(images);
        double[] scores = detector.ScoreAll(images, cancellation: cancellation);
        RefusedPart?[] refused = Refusals(images, scores, known);
        int[] chosen = [.. Enumerable.Range(0, images.Count).Where(i => !known[i] && refused[i] is not { AcceptedByName: false })];
        if (chosen.Length == 0)
        {
            throw new DatasetException(
                $"No part is left of {images.Count} images: {known.Count(is_known => is_known)} are known to the model already, {refused.Count(part => part is not null)} are unlike its good parts. "
                + "Look at them; what is good nevertheless can be accepted by name (--accept FILE).");
        }

        using ImageSet parts = images.Subset(chosen);
        (int added, int forThreshold, string promise) = Apply(parts, refused.Count(part => part is { AcceptedByName: false }));
        ModelUpdate update = new(
            when, from, added, forThreshold, refused.Count(part => part is { AcceptedByName: false }), refused.Count(part => part is { AcceptedByName: true }),
            UpdatedThreshold.Of(before), UpdatedThreshold.Of(detector.Card.Calibration), parts.Fingerprint, promise)
        { Marks = parts.Marks.ToString() };
        detector.Record(update, detector.Card.Calibration);
        return new UpdateResult(
            update, [.. refused.OfType<RefusedPart>().OrderBy(part => part.PValue).ThenByDescending(part => part.Score)],
            [.. Enumerable.Range(0, images.Count).Where(i => known[i]).Select(i => images.Sources[i])], read.Unreadable);
    }

    /// <summary>The bank and the threshold; what was added, what the threshold comes from, and what it promises.</summary>
    private (int Added, int ForThreshold, string Promise) Apply(ImageSet parts, int refused)
    {
        // n scores tell a share of 1/(n + 1) from nothing, no less.
        int fewest = (int)Math.Ceiling(1 / Rate - 1e-9) - 1;
        if (!detector.HasBank || options.ThresholdOnly)
        {
            if (parts.Count < fewest)
            {
                throw new DatasetException(
                    $"{parts.Count} good parts are too few for a threshold with {Percent(Rate)} false alarms, which needs {fewest}. Give more parts, or ask for more false alarms (--false-alarms)."
                    + (detector.HasBank ? " Without --threshold-only they are added to the bank." : $" {detector.Card.Name} has no bank that can be added to, so only its threshold can be set anew."));
            }

            detector.Recalibrate(parts, Rate);
            return (0, parts.Count, Anew(refused));
        }

        using CalibrationSplit split = new(parts, detector.Card.Options.Calibration, options.Seed);
        if (split.HeldOut is { } heldOut)
        {
            detector.Extend(split.Training);
            detector.Recalibrate(heldOut, Rate);
            return (split.Training.Count, heldOut.Count, Anew(refused));
        }

        int needed = 3 * detector.Card.Options.Calibration.Minimum;
        if (options.FalseAlarmRate is not null)
            throw new DatasetException($"{parts.Count} good parts are too few to set the threshold anew beside adding to the bank, so no other rate of false alarms can be had: give {needed} or more, or leave --false-alarms out.");
        detector.Extend(parts);
        if (detector.ScoresOnlyFall)
        {
            return (parts.Count, 0,
                $"The threshold is kept: another entry in the bank can lower a score of this model but never raise one, so what it promised of parts like those it was set from still holds. Of the new ones nothing is promised; with {needed} or more it is set anew from some of them.");
        }

        detector.Record(null, before with { FalseAlarmBound = 1 });
        return (parts.Count, 0,
            $"The threshold is kept but promises nothing any more: this model's score asks the whole bank, and may rise or fall with another entry. Give {needed} or more good parts, or set the threshold from others (--threshold-only).");
    }

    /// <summary>What the conformal bound says after it was set from new parts.</summary>
    private string Anew(int refused)
    {
        ScoreCalibration after = detector.Card.Calibration;
        string but = refused == 0 ? "" : $" {refused} {(refused == 1 ? "part was" : "parts were")} refused before: parts that would be refused come on top of the bound.";
        return $"The threshold comes from {after.Count} new parts that are not in the bank: of parts like these at most {Percent(after.FalseAlarmBound)} are false alarms, with 95 % confidence ({Percent(after.FalseAlarmRate)} asked for). Of parts like the former ones it promises nothing any more.{but}";
    }

    /// <summary>Pictures that the model was trained on or updated with before, and second copies: they would count twice, and as unseen.</summary>
    private bool[] Known(ImageSet images)
    {
        IReadOnlyList<(int Original, Recognition Recognition)> originals = ImageMarks.Whole(images).Originals();
        bool[] known = [.. originals.Select(original => original.Recognition == Recognition.Same)];
        foreach (ImageMarks marks in TrainedImages.Of(detector.Card))
        {
            IReadOnlyList<bool> same = marks.Same(images.Marks);
            for (int i = 0; i < known.Length; i++) known[i] |= same[i];
        }

        return known;
    }

    private RefusedPart?[] Refusals(ImageSet images, double[] scores, bool[] known)
    {
        string[] unknown = [.. options.Accept.Where(name => !images.Sources.Any(source => Names(name, source)))];
        if (unknown.Length > 0) throw new DatasetException($"No image is called {string.Join(", ", unknown)} (--accept): give a file's name or path as it is listed.");
        RefusedPart?[] refused = new RefusedPart?[images.Count];
        if (options.RefuseBelow == 0) return refused;
        if (before.Scores.Count == 0)
            throw new DatasetException("The model keeps no scores of good parts, as files of older versions, so nothing can be told about new ones. Accept all of them (--refuse-below 0), or train again.");
        PartPValue chance = new(before);
        for (int i = 0; i < scores.Length; i++)
        {
            double p = chance.Of(scores[i]);
            if (p <= options.RefuseBelow && !known[i])
                refused[i] = new RefusedPart(images.Sources[i], before.Calibrate(scores[i]), p, options.Accept.Any(name => Names(name, images.Sources[i])));
        }

        return refused;
    }

    private static bool Names(string name, string source) => name == source || name == Path.GetFileName(source);

    private static string Percent(double share) => share.ToString("0.##%", CultureInfo.InvariantCulture);
}
