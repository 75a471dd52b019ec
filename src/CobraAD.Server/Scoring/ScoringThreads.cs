using System.Collections.Concurrent;

namespace CobraAD.Server.Scoring;

/// <summary>
/// Threads of their own for scoring: work that keeps a core busy for milliseconds would starve the pool that answers all other requests.
/// </summary>
internal sealed class ScoringThreads : IDisposable
{
    private readonly BlockingCollection<Action> queue = [];
    private readonly Thread[] threads;
    private readonly int queueLimit;
    private int pending;

    /// <param name="count">How many threads.</param>
    /// <param name="queueLimit">How much work may wait.</param>
    public ScoringThreads(int count, int queueLimit)
    {
        this.queueLimit = queueLimit;
        threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            threads[i] = new Thread(Work) { IsBackground = true, Name = $"scoring {i}" };
            threads[i].Start();
        }
    }

    /// <summary>Does some work as soon as a thread is free.</summary>
    /// <param name="work">The work.</param>
    /// <param name="cancellation">Gives up waiting; work that has begun is finished.</param>
    /// <exception cref="RefusedException">Too much is waiting.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            if (Interlocked.Increment(ref pending) > threads.Length + queueLimit) throw RefusedException.Busy(queueLimit);
            queue.Add(() => Do(work, done, cancellation), CancellationToken.None);
            return await done.Task;
        }
        finally
        {
            Interlocked.Decrement(ref pending);
        }
    }

    public void Dispose()
    {
        queue.CompleteAdding();
        foreach (Thread thread in threads) thread.Join();
        queue.Dispose();
    }

    private static void Do<T>(Func<T> work, TaskCompletionSource<T> done, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            done.SetCanceled(cancellation);
            return;
        }

        try
        {
            done.SetResult(work());
        }
        catch (Exception exception)
        {
            done.SetException(exception);
        }
    }

    private void Work()
    {
        foreach (Action work in queue.GetConsumingEnumerable()) work();
    }
}
