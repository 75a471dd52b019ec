namespace CobraAD.Methods.Released;

/// <summary>What the released code turns a normal image into, k = 1 … K - 1; k = 0 leaves it as it is.</summary>
public enum ReleasedShift
{
    /// <summary>A turn by k · 90°, as for CIFAR-10. Needs square images.</summary>
    Rotation,

    /// <summary>A rotated patch of the image itself, blurred and recoloured, as for MVTec AD; the same whatever k is.</summary>
    Scar,
}
