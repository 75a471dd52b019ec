using CobraAD.Datasets.Protocols;

namespace CobraAD.Datasets;

/// <summary>A data set under a protocol: normal images to train on, and a labelled test set.</summary>
/// <param name="Name">What is measured, e.g. "fashion-mnist class 1".</param>
/// <param name="Protocol">How normal and anomalous were chosen: "one-class", "unlabelled multi-class", "folder" or "random split".</param>
/// <param name="Train">Normal images only.</param>
/// <param name="Test">Normal and anomalous images.</param>
/// <param name="TestIsAnomalous">The label of each test image.</param>
/// <param name="TestKinds">The kind of each test image, e.g. "good", "scratch", "class 7".</param>
public sealed record AnomalyBenchmark(
    string Name, string Protocol, ImageSet Train, ImageSet Test, IReadOnlyList<bool> TestIsAnomalous, IReadOnlyList<string> TestKinds) : IDisposable
{
    /// <summary>The ground-truth mask file of each test image, where the data set has them.</summary>
    public IReadOnlyList<string?>? TestMasks { get; init; }

    /// <summary>What was left out: images that could not be read, formats that are not, linked folders, and images where the layout expects none.</summary>
    public IReadOnlyList<UnreadableImage> Skipped { get; init; } = [];

    /// <summary>Whether the normal images are good examples of one thing, such as a folder of good parts, and not one class among several.</summary>
    internal bool IsOfParts => Protocol is "folder" or BenchmarkPlan.RandomSplit;

    /// <summary>
    /// What is odd about the training images, in sentences: copies of one picture, pictures that are among the test images too, an odd exposure or
    /// focus, a small part of the grey levels, or good test images in another light. Empty when nothing is. It looks at every pixel once; <c>DataCheck</c> does more.
    /// </summary>
    public IReadOnlyList<string> Remarks() => TrainingRemarks.Of(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        Train.Dispose();
        Test.Dispose();
    }
}
