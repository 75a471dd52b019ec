namespace CobraAD.Server.Results;

/// <summary>The database did not take a result; the part should be sent again.</summary>
/// <param name="message">What failed.</param>
/// <param name="innerException">The database's own word.</param>
internal sealed class ResultStoreException(string message, Exception innerException) : Exception(message, innerException);
