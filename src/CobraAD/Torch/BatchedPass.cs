using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Torch;

/// <summary>Goes through many rows a batch at a time, in order and without gradients. What a batch makes is gone before the next one comes.</summary>
internal static class BatchedPass
{
    /// <summary>Rows of a batch where nothing speaks for another number.</summary>
    public const int Size = 64;

    /// <summary>
    /// Pixels of the images of a batch: 64 images of 512 × 512. As floats they take 200 MB; an attack holds a few copies of its batch.
    /// </summary>
    private const int MostPixels = 1 << 24;

    /// <summary>Images of a batch: fewer than usual where they are so large that they would fill the memory.</summary>
    /// <param name="wanted">The number for images of usual size.</param>
    /// <param name="height">Height of the images.</param>
    /// <param name="width">Width of the images.</param>
    public static int SizeFor(int wanted, long height, long width) => (int)Math.Clamp(MostPixels / (height * width), 1, wanted);

    /// <summary>Looks at every batch.</summary>
    /// <param name="count">Number of rows.</param>
    /// <param name="batchSize">Rows of a batch; the last one may have fewer.</param>
    /// <param name="look">Gets the first row of a batch and how many there are; the tensors that it makes are disposed afterwards.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Over(int count, int batchSize, Action<int, int> look, CancellationToken cancellation = default)
    {
        using IDisposable frozen = no_grad();
        for (int start = 0; start < count; start += batchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            using StepScope scope = new();
            look(start, Math.Min(batchSize, count - start));
        }
    }

    /// <summary>Joins what a function makes of every batch; the caller disposes the result.</summary>
    /// <param name="count">Number of rows, at least 1.</param>
    /// <param name="batchSize">Rows of a batch; the last one may have fewer.</param>
    /// <param name="map">Gets the first row of a batch and how many there are, and gives a tensor with as many rows.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Tensor Join(int count, int batchSize, Func<int, int, Tensor> map, CancellationToken cancellation = default)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        // Parts that are joined in the end would be there twice.
        Tensor? whole = null;
        Over(count, batchSize, (start, size) =>
        {
            Tensor part = map(start, size);
            whole ??= empty([count, .. part.shape[1..]], part.dtype, part.device).MoveToOuterDisposeScope();
            whole.narrow(0, start, size).copy_(part);
        }, cancellation);
        return whole!.MoveToOuterDisposeScope();
    }
}
