namespace CobraAD.Server.Results;

/// <summary>Where results live. Safe to use from several threads.</summary>
internal interface IResultStore : IAsyncDisposable
{
    /// <summary>Makes the tables when they are missing.</summary>
    /// <param name="cancellation">Ends the attempt.</param>
    Task PrepareAsync(CancellationToken cancellation);

    /// <summary>Stores a result. When the task completes the result survives the death of the process.</summary>
    /// <param name="result">The result; its number is ignored.</param>
    /// <param name="images">What to keep of its image.</param>
    /// <param name="key">The part's own name; when there is a result of that key already, nothing is added. <see langword="null"/> adds always.</param>
    /// <returns>The result with its number, or the one that was there.</returns>
    /// <exception cref="ResultStoreException">The database did not take it.</exception>
    Task<PartResult> AddAsync(PartResult result, StoredImages images, string? key = null);

    /// <summary>Writes something small, as a result would be written.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="ResultStoreException">The database takes no results: it is away, locked, or its disk is full.</exception>
    Task CheckAsync(CancellationToken cancellation);

    /// <summary>A page of results, newest first.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="cancellation">Ends the query.</param>
    Task<IReadOnlyList<PartResult>> ListAsync(ResultQuery query, CancellationToken cancellation);

    /// <summary>One result, or <see langword="null"/>.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="cancellation">Ends the query.</param>
    Task<PartResult?> FindAsync(long id, CancellationToken cancellation);

    /// <summary>What was kept of a result's image, or <see langword="null"/> when nothing was.</summary>
    /// <param name="id">The result's number.</param>
    /// <param name="cancellation">Ends the query.</param>
    Task<StoredImages?> ImagesAsync(long id, CancellationToken cancellation);
}
