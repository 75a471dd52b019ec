namespace CobraAD.Server.Watching;

/// <summary>Appends each result as a line of JSON.</summary>
internal sealed class JsonLinesSink(string path) : IPartSink
{
    private readonly StreamWriter writer = Appending.Open(path);

    public async Task WriteAsync(WatchedPart part, CancellationToken cancellation)
    {
        await writer.WriteLineAsync(part.ToJson().AsMemory(), cancellation);
        await writer.FlushAsync(cancellation);
    }

    public ValueTask DisposeAsync() => writer.DisposeAsync();
}
