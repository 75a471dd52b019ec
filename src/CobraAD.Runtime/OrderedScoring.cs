using System.Runtime.CompilerServices;
using CobraAD.Runtime.Images;

namespace CobraAD.Runtime;

/// <summary>Scores files several at a time and hands out the results in the files' order.</summary>
internal static class OrderedScoring
{
    public static async IAsyncEnumerable<ScoreResult> Run(
        RobustDetector detector, IEnumerable<string> paths, ParallelScoringOptions parallel, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Queue<Task<ScoreResult?>> window = new();
        try
        {
            foreach (string path in paths)
            {
                cancellation.ThrowIfCancellationRequested();
                if (window.Count == parallel.MaxParallelism && await window.Dequeue().ConfigureAwait(false) is { } first) yield return first;
                window.Enqueue(Task.Run(() => ScoreOrReject(detector, path, parallel.OnRejected), cancellation));
            }

            while (window.TryDequeue(out Task<ScoreResult?>? next))
                if (await next.WaitAsync(cancellation).ConfigureAwait(false) is { } result) yield return result;
        }
        finally
        {
            // Whoever stops early must not leave images in work behind; their errors no longer matter.
            await ((Task)Task.WhenAll(window)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static ScoreResult? ScoreOrReject(RobustDetector detector, string path, Action<ImageRejectedException>? onRejected)
    {
        try
        {
            return detector.Score(path);
        }
        catch (ImageRejectedException e) when (onRejected is not null)
        {
            onRejected(e);
            return null;
        }
    }
}
