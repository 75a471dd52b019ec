namespace CobraAD.Server.Watching;

/// <summary>Where the results of watched files go.</summary>
public interface IPartSink : IAsyncDisposable
{
    /// <summary>
    /// Takes a result. Called for one part at a time, and for no other until this one is taken. What threw is called again with the same part;
    /// after a crash, also what did not throw may be.
    /// </summary>
    /// <param name="part">What became of a file.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    Task WriteAsync(WatchedPart part, CancellationToken cancellation);
}
