namespace CobraAD.Runtime.Images;

/// <summary>Why an image was refused.</summary>
public enum ImageDefect
{
    /// <summary>There are no bytes.</summary>
    Empty,

    /// <summary>The file could not be opened or read.</summary>
    Unreadable,

    /// <summary>The content is no PNG, JPEG, BMP, WebP or TIFF image, or a kind of one that is not supported.</summary>
    Unsupported,

    /// <summary>The file or the size that its header claims exceeds the limits of <see cref="RobustDetectorOptions"/>; nothing was decoded.</summary>
    TooLarge,

    /// <summary>The image is damaged or cut short.</summary>
    Damaged,

    /// <summary>It is an image, but has no room for the model's region of interest, or another size than the mask of that.</summary>
    Misplaced,
}
