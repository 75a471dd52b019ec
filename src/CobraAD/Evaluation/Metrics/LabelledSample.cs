using CobraAD.Torch;

namespace CobraAD.Evaluation.Metrics;

/// <summary>Which test images an evaluation uses: at most so many of each class, drawn by a seed.</summary>
internal static class LabelledSample
{
    /// <summary>Indices of the drawn images, ascending.</summary>
    /// <exception cref="ArgumentException">The number of labels differs from the number of images, or a class is empty.</exception>
    public static int[] Draw(IReadOnlyList<bool> isAnomalous, int count, int? samplesPerClass, RandomStreams streams)
    {
        ArgumentNullException.ThrowIfNull(isAnomalous);
        if (isAnomalous.Count != count) throw new ArgumentException($"Expected one label for each of the {count} images, found {isAnomalous.Count}.", nameof(isAnomalous));
        int[] normals = OfClass(anomalous: false);
        int[] anomalies = OfClass(anomalous: true);
        if (normals.Length == 0 || anomalies.Length == 0)
            throw new ArgumentException($"A ranking needs both classes, found {normals.Length} normal and {anomalies.Length} anomalous images.", nameof(isAnomalous));
        return [.. normals.Concat(anomalies).Order()];

        int[] OfClass(bool anomalous)
        {
            int[] all = [.. Enumerable.Range(0, count).Where(i => isAnomalous[i] == anomalous)];
            if (samplesPerClass is not int wanted || wanted >= all.Length) return all;
            Draws(streams, anomalous ? "anomalous sample" : "normal sample").Shuffle(all);
            return all[..wanted];
        }
    }

    private static Random Draws(RandomStreams streams, string purpose) => new((int)(streams.Derive(purpose) & int.MaxValue));
}
