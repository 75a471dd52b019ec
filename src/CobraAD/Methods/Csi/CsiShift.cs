namespace CobraAD.Methods.Csi;

/// <summary>How CSI makes the images that its network must tell from the unchanged ones.</summary>
public enum CsiShift
{
    /// <summary>Turned by k · 90°, the original's choice for natural images. Needs square images.</summary>
    Rotation,

    /// <summary>Upper and lower half exchanged, left and right half, or both: for images that look the same when they are turned.</summary>
    Permutation,
}
