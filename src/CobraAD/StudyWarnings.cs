using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Robustness;
using CobraAD.Methods.Maintenance;

namespace CobraAD;

/// <summary>What makes a study's numbers worth less than they look, in sentences for the top of every output.</summary>
internal static class StudyWarnings
{
    /// <summary>From this share of training images that are almost another one, looking almost the same is how these parts are and no sign of a leak.</summary>
    private const double AlikeByNature = 0.1;

    public static IReadOnlyList<string> Of(IAnomalyDetector detector, AnomalyBenchmark data, RobustnessResult? attacked) =>
        [.. TrainedOn(detector, data), .. attacked is null ? [] : UnusableGradients(attacked)];

    /// <summary>A detector knows its training images by heart: measured on them it looks better than it is.</summary>
    private static IEnumerable<string> TrainedOn(IAnomalyDetector detector, AnomalyBenchmark data)
    {
        if (detector is not ITrainedDetector { Card: { Data: { } trained } card }) yield break;
        if (trained.Height != data.Test.Height || trained.Width != data.Test.Width) yield break;
        Recognition[] found = new Recognition[data.Test.Count];
        (int all, int repeated) = (0, 0);
        foreach (ImageMarks marks in TrainedImages.Of(card))
        {
            IReadOnlyList<Recognition> known = marks.Recognize(data.Test);
            for (int i = 0; i < found.Length; i++) found[i] = (Recognition)Math.Max((int)found[i], (int)known[i]);
            (int different, int distinct) = marks.Variety();
            (all, repeated) = (all + different, repeated + different - distinct);
        }

        if (repeated > AlikeByNature * all && found.Count(recognition => recognition == Recognition.Alike) is var lookalikes and > 0)
        {
            yield return $"{lookalikes} of the {found.Length} test images are almost the same as images that the detector was trained on, but so are {repeated} of those {all} themselves: parts that lie and are lit alike do look so. Make sure that they are other parts and not other pictures of the same ones.";
            found = [.. found.Select(recognition => recognition == Recognition.Alike ? Recognition.None : recognition)];
        }

        foreach (bool anomalous in (bool[])[false, true])
        {
            Recognition[] ofClass = [.. found.Where((_, i) => data.TestIsAnomalous[i] == anomalous)];
            int same = ofClass.Count(recognition => recognition == Recognition.Same), alike = ofClass.Count(recognition => recognition == Recognition.Alike);
            if (same + alike == 0) continue;
            string count = same == 0 ? $"{alike} of the {ofClass.Length} {(anomalous ? "anomalous" : "normal")} test images are almost the same as images that the detector was trained on"
                : $"{same} of the {ofClass.Length} {(anomalous ? "anomalous" : "normal")} test images are among those that the detector was trained on{(alike == 0 ? "" : $", {alike} more are almost the same as one of them")}";
            yield return anomalous
                ? $"{count}: defects were trained on as good parts. Remove them from the training images and train again."
                : $"{count}. The numbers say how well it remembers them, not how it does on parts that it has not seen. Measure on images that were kept out; where a data set has no test part, its split belongs to the model (seed {card.Options.Seed}).";
        }
    }

    /// <summary>Where a gradient is zero or not finite an attack steps at random, and is not what its name says.</summary>
    private static IEnumerable<string> UnusableGradients(RobustnessResult attacked)
    {
        AttackOutcome[] blind = [.. attacked.Attacks.Where(attack => attack.UnusableGradients > 0)];
        if (blind.Length == 0) yield break;
        string shares = string.Join(", ", blind.Select(attack => $"{attack.Name} {attack.UnusableShare}"));
        yield return $"Gradients were zero or not finite ({shares} of them): there the attack stepped in a random direction. The attacked numbers may be far too good; run 'cobra audit', or attack without gradients (square simba).";
    }
}
