using CobraAD.Datasets;
using CobraAD.Evaluation.Metrics;
using CobraAD.Torch;
using CobraAD.Torch.Files;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Robustness;

/// <summary>Labelled test images to attack, wherever they come from. A benchmark becomes one by itself.</summary>
public sealed class EvaluationSet
{
    private readonly Func<long[], Tensor> batch;

    /// <summary>A set of images.</summary>
    /// <param name="images">The test images; not disposed.</param>
    /// <param name="isAnomalous">The label of each image.</param>
    /// <exception cref="ArgumentException">The number of labels differs from the number of images.</exception>
    public EvaluationSet(ImageSet images, IReadOnlyList<bool> isAnomalous)
        : this((images ?? throw new ArgumentNullException(nameof(images))).Count, isAnomalous, rows => images.Batch(rows))
    {
    }

    /// <summary>Images given as a tensor.</summary>
    /// <param name="images">[N, 3, H, W] in [0, 1]; not disposed.</param>
    /// <param name="isAnomalous">The label of each image.</param>
    /// <exception cref="ArgumentException">The number of labels differs from the number of images.</exception>
    public EvaluationSet(Tensor images, IReadOnlyList<bool> isAnomalous)
        : this((int)(images ?? throw new ArgumentNullException(nameof(images))).size(0), isAnomalous, rows => Select(images, rows))
    {
    }

    private EvaluationSet(int count, IReadOnlyList<bool> isAnomalous, Func<long[], Tensor> batch)
    {
        ArgumentNullException.ThrowIfNull(isAnomalous);
        if (isAnomalous.Count != count) throw new ArgumentException($"Expected one label for each of the {count} images, found {isAnomalous.Count}.", nameof(isAnomalous));
        IsAnomalous = isAnomalous;
        this.batch = batch;
    }

    /// <summary>The label of each image.</summary>
    public IReadOnlyList<bool> IsAnomalous { get; }

    /// <summary>The test set of a benchmark.</summary>
    /// <param name="benchmark">The data set under its protocol; not disposed.</param>
    public static implicit operator EvaluationSet(AnomalyBenchmark benchmark) => From(benchmark);

    /// <summary>The test set of a benchmark.</summary>
    /// <param name="benchmark">The data set under its protocol; not disposed.</param>
    public static EvaluationSet From(AnomalyBenchmark benchmark)
    {
        ArgumentNullException.ThrowIfNull(benchmark);
        return new EvaluationSet(benchmark.Test, benchmark.TestIsAnomalous);
    }

    /// <summary>Indices of the images that an evaluation uses, ascending.</summary>
    /// <exception cref="ArgumentException">A class is empty.</exception>
    internal int[] Sample(RobustnessOptions options) =>
        LabelledSample.Draw(IsAnomalous, IsAnomalous.Count, options.SamplesPerClass, new RandomStreams(options.Seed));

    /// <summary>Some of the images [n, 3, H, W] on the CPU; the caller disposes the tensor.</summary>
    /// <param name="sample">Which.</param>
    /// <param name="mostBytes">Bytes that they may take in memory; more of them are in a file without a name.</param>
    internal Tensor Images(int[] sample, long mostBytes) =>
        LargeRows.Of(sample.Length, (start, count) => batch([.. sample.Skip(start).Take(count).Select(i => (long)i)]), mostBytes);

    private static Tensor Select(Tensor images, long[] rows)
    {
        using Tensor index = tensor(rows);
        using Tensor onCpu = images.cpu();
        return onCpu.index_select(0, index);
    }
}
