namespace CobraAD.Reporting;

/// <summary>The images that were attacked.</summary>
public sealed record ReportData
{
    /// <summary>The data set's name.</summary>
    public required string Name { get; init; }

    /// <summary>How normal and anomalous were chosen.</summary>
    public required string Protocol { get; init; }

    /// <summary>SHA-256 over the test pixels.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Height of the images in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>Width of the images in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Number of normal test images used.</summary>
    public required int Normals { get; init; }

    /// <summary>Number of anomalous test images used.</summary>
    public required int Anomalies { get; init; }

    /// <summary>Number of normal images that the detector was trained on, where known.</summary>
    public int? TrainingImages { get; init; }
}
