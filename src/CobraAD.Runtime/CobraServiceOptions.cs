namespace CobraAD.Runtime;

/// <summary>Which model a service collection's <see cref="RobustDetector"/> uses.</summary>
public sealed class CobraServiceOptions
{
    /// <summary>The <c>.onnx</c> file; required.</summary>
    public string ModelPath { get; set; } = "";

    /// <summary>How the detector runs and what it refuses.</summary>
    public RobustDetectorOptions Detector { get; set; } = new();
}
