namespace CobraAD.Evaluation.Devices;

/// <summary>How a check of a device ended.</summary>
public enum DeviceOutcome
{
    /// <summary>The device computes what the reference computes.</summary>
    Pass,

    /// <summary>It computes something else, or threw.</summary>
    Fail,

    /// <summary>It does not apply here, and has shown nothing.</summary>
    Skipped,
}
