namespace CobraAD.Runtime;

/// <summary>A model file cannot be used: it is damaged, was not exported by CobraAD, is of a newer format, or gives scores that are no numbers.</summary>
/// <param name="message">Which file, what is wrong and what to do.</param>
/// <param name="innerException">ONNX Runtime's own error, where there is one.</param>
public sealed class ModelRejectedException(string message, Exception? innerException = null) : Exception(message, innerException);
