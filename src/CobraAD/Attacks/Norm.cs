namespace CobraAD.Attacks;

/// <summary>How the size of a perturbation is measured.</summary>
public enum Norm
{
    /// <summary>The largest change of any channel of any pixel.</summary>
    Linf,

    /// <summary>The Euclidean length of the change over all channels and pixels.</summary>
    L2,
}
