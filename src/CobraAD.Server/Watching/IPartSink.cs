namespace CobraAD.Server.Watching;

/// <summary>Where the results of watched files go.</summary>
public interface IPartSink : IAsyncDisposable
{
    /// <summary>Takes a result. Called for one part at a time.</summary>
    /// <param name="part">What became of a file.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    Task WriteAsync(WatchedPart part, CancellationToken cancellation);
}
