namespace CobraAD.Runtime;

/// <summary>How a <see cref="RobustDetector"/> runs and what it refuses.</summary>
public sealed record RobustDetectorOptions
{
    /// <summary>The raw score above which an image is called anomalous.</summary>
    /// <value>Default <see langword="null"/>: the calibrated threshold that the model carries. Any finite number.</value>
    public double? Threshold { get; init; }

    /// <summary>Threads that compute one image or batch.</summary>
    /// <value>Default 0: one for each physical core. 1 is best when many images are scored in parallel. From 0 to 1024.</value>
    public int Threads { get; init; }

    /// <summary>Whether idle threads spin while they wait: lower latency, but a core is busy for some time after each image.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool SpinWhileIdle { get; init; }

    /// <summary>Most images in one pass through the network.</summary>
    /// <value>Default 32, from 1 to 1024. Memory for inputs is height · width · 3 bytes for each.</value>
    public int MaxBatch { get; init; } = 32;

    /// <summary>Images with more pixels are refused by their header, before anything is decoded.</summary>
    /// <value>Default 100 million, from 1 to 500 million.</value>
    public long MaxPixels { get; init; } = 100_000_000;

    /// <summary>Files and streams with more bytes are refused.</summary>
    /// <value>Default 256 MiB, from 1 to 1 GiB.</value>
    public int MaxEncodedBytes { get; init; } = 256 << 20;

    /// <summary>Whether loading runs the network once, so that the first image is as fast as the others.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool WarmUp { get; init; } = true;

    /// <summary>Whether the model came from somebody else, whose seal says nothing about what it does: it is tried with little memory first.</summary>
    internal bool IsSent { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        if (Threshold is { } threshold && !double.IsFinite(threshold)) throw new ArgumentOutOfRangeException(nameof(Threshold), Threshold, "Threshold must be a finite number.");
        if (Threads is < 0 or > 1024) throw new ArgumentOutOfRangeException(nameof(Threads), Threads, "Threads must be between 0 and 1024.");
        if (MaxBatch is < 1 or > 1024) throw new ArgumentOutOfRangeException(nameof(MaxBatch), MaxBatch, "MaxBatch must be between 1 and 1024.");
        if (MaxPixels is < 1 or > 500_000_000) throw new ArgumentOutOfRangeException(nameof(MaxPixels), MaxPixels, "MaxPixels must be between 1 and 500 million.");
        if (MaxEncodedBytes is < 1 or > 1 << 30) throw new ArgumentOutOfRangeException(nameof(MaxEncodedBytes), MaxEncodedBytes, "MaxEncodedBytes must be between 1 and 1 GiB.");
    }
}
