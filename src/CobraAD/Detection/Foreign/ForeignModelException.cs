namespace CobraAD.Detection.Foreign;

/// <summary>A model made elsewhere cannot be used as declared: it does not load, or its input or output is another.</summary>
/// <param name="message">Which file, what was expected, what was found.</param>
/// <param name="inner">The cause, where there is one.</param>
public sealed class ForeignModelException(string message, Exception? inner = null) : Exception(message, inner);
