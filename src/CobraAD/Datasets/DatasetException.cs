namespace CobraAD.Datasets;

/// <summary>A data set cannot be used as it is; the message says what is wrong, where, and what would help.</summary>
/// <param name="message">What is wrong, where, and what would help.</param>
/// <param name="innerException">What led to it, where there is one.</param>
public sealed class DatasetException(string message, Exception? innerException = null) : Exception(message, innerException);
