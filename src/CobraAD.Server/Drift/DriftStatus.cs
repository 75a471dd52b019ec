namespace CobraAD.Server.Drift;

/// <summary>What the drift monitor thinks.</summary>
public enum DriftStatus
{
    /// <summary>There are too few good parts to compare.</summary>
    Collecting,

    /// <summary>Recent good parts score like those of the reference.</summary>
    Steady,

    /// <summary>They score somewhat differently; keep an eye on it.</summary>
    Watch,

    /// <summary>They score differently: light, camera, material or the model's fit have changed.</summary>
    Drifting,
}
