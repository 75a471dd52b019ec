using System.Collections.Concurrent;
using CobraAD.Server.Watching;

namespace CobraAD.Server.Tests.Watching;

/// <summary>Keeps what it is told, after it has failed as often as the test wants.</summary>
internal sealed class CollectingSink : IPartSink
{
    public ConcurrentQueue<WatchedPart> Parts { get; } = new();

    public int Failures { get; set; }

    public Task WriteAsync(WatchedPart part, CancellationToken cancellation)
    {
        if (Failures-- > 0) throw new InvalidOperationException("The sink is not well.");
        Parts.Enqueue(part);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
