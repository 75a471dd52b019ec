namespace CobraAD.Datasets;

/// <summary>Whether an image is one of those that are known.</summary>
internal enum Recognition
{
    None,

    /// <summary>Almost the same picture: compressed anew, or with a little noise.</summary>
    Alike,

    /// <summary>The same pixels.</summary>
    Same,
}
