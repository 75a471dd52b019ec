using CobraAD.Datasets;

namespace CobraAD.Detection.Bulk;

/// <summary>
/// Scores any number of files in blocks of consecutive ones: while a block is scored, the next one is decoded, and no more than these two are in
/// memory. A block's passes hold images of that block alone, so what an image scores depends on its block and on nothing before it: blocks
/// computed apart give the same bits.
/// </summary>
internal static class FileBlocks
{
    private const int MostImages = 1024;

    /// <summary>Decoded images of a block.</summary>
    private const long MostBytes = 64L << 20;

    /// <summary>Files of a block: whole passes, as many as fit.</summary>
    /// <param name="side">Of the images in pixels.</param>
    public static int Size(int side) => (int)Math.Clamp(MostBytes / (3L * side * side), Torch.BatchedPass.Size, MostImages) / Torch.BatchedPass.Size * Torch.BatchedPass.Size;

    /// <summary>How many blocks some files make.</summary>
    public static int Count(int files, int size) => (files + size - 1) / size;

    /// <summary>The files of one block.</summary>
    public static IReadOnlyList<string> Files(IReadOnlyList<string> files, int block, int size) => [.. files.Skip(block * size).Take(size)];

    /// <summary>Scores every block in turn.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="files">All files.</param>
    /// <param name="progress">Told how many images are decoded, from the reading threads.</param>
    /// <param name="cancellation">Stops between two images or passes.</param>
    /// <param name="draw">Makes a picture of each image of a block and names its file; none are wanted when <see langword="null"/>.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IEnumerable<BlockScores> Score(
        ITrainedDetector detector, IReadOnlyList<string> files, IProgress<DatasetProgress>? progress, CancellationToken cancellation,
        Func<ImageSet, IReadOnlyList<string>>? draw = null)
    {
        int side = detector.Card.Data.Height, size = Size(side), count = Count(files.Count, size);
        Task<ReadImages>? next = null;
        try
        {
            for (int block = 0; block < count; block++)
            {
                using ReadImages read = (next ?? Read(block)).GetAwaiter().GetResult();
                next = block + 1 < count ? Read(block + 1) : null;
                double[] scores = read.Images.Count == 0 ? [] : detector.ScoreAll(read.Images, cancellation: cancellation);
                yield return new BlockScores(read.Images.Sources, scores, read.Unreadable, draw?.Invoke(read.Images));
            }
        }
        finally
        {
            // Who stops listening, or was stopped, leaves a block that is being read.
            if (next is not null) Discard(next);
        }

        // TorchSharp's scopes belong to threads: what the reading thread makes is in none, and is disposed here.
        Task<ReadImages> Read(int block) => Task.Run(
            () => DatasetLoader.ReadFiles(
                Files(files, block, size), side, detector.Card.Data.Framing, progress: progress is null ? null : new Further(progress, block * size, files.Count), cancellation: cancellation),
            CancellationToken.None);
    }

    private static void Discard(Task<ReadImages> reading)
    {
        try
        {
            reading.GetAwaiter().GetResult().Dispose();
        }
        catch (OperationCanceledException)
        {
            // That is why.
        }
    }

    /// <summary>What a block reports, as a part of all.</summary>
    private sealed class Further(IProgress<DatasetProgress> progress, int before, int total) : IProgress<DatasetProgress>
    {
        public void Report(DatasetProgress value) => progress.Report(new DatasetProgress(before + value.Done, total));
    }
}
