namespace CobraAD.Serialization;

/// <summary>A model, checkpoint or tensor file that cannot be used; the message names the file, what is wrong and what to do.</summary>
public sealed class ModelFormatException : FormatException
{
    /// <summary>An exception without details.</summary>
    public ModelFormatException()
    {
    }

    /// <summary>An exception with its message.</summary>
    /// <param name="message">File, problem and remedy.</param>
    public ModelFormatException(string message) : base(message)
    {
    }

    /// <summary>An exception with its message and what caused it.</summary>
    /// <param name="message">File, problem and remedy.</param>
    /// <param name="innerException">The cause.</param>
    public ModelFormatException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
