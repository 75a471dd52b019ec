using CobraAD.Runtime.Images;

namespace CobraAD.Runtime;

/// <summary>How <see cref="RobustDetector.ScoreAsync"/> works through many files.</summary>
public sealed record ParallelScoringOptions
{
    /// <summary>Most images in work at one time, which also bounds memory.</summary>
    /// <value>Default: the number of processors. From 1 to 1024.</value>
    public int MaxParallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Called for each image that cannot be scored, which is then left out of the results; from any thread.</summary>
    /// <value>Default <see langword="null"/>: the first such image ends the enumeration with its exception.</value>
    public Action<ImageRejectedException>? OnRejected { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        if (MaxParallelism is < 1 or > 1024) throw new ArgumentOutOfRangeException(nameof(MaxParallelism), MaxParallelism, "MaxParallelism must be between 1 and 1024.");
    }
}
