namespace CobraAD.Training;

/// <summary>The loss of a training was no longer a finite number.</summary>
public sealed class TrainingDivergedException : Exception
{
    /// <summary>No message.</summary>
    public TrainingDivergedException()
    {
    }

    /// <summary>What happened and where.</summary>
    /// <param name="message">The message.</param>
    public TrainingDivergedException(string message)
        : base(message)
    {
    }

    /// <summary>What happened, and because of what.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause.</param>
    public TrainingDivergedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
