namespace CobraAD.Experiments;

/// <summary>A store, a cell or the data at hand do not fit what is to be reproduced; the message says what, where and what helps.</summary>
/// <param name="message">What is wrong, where, and what would help.</param>
/// <param name="innerException">What led to it, where there is one.</param>
public sealed class ExperimentException(string message, Exception? innerException = null) : Exception(message, innerException);
