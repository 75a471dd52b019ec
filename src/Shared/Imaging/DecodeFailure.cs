namespace CobraAD.Imaging;

/// <summary>What kind of thing is wrong with an image.</summary>
internal enum DecodeFailure
{
    Empty,
    Unsupported,
    TooLarge,
    Damaged,

    /// <summary>It can be decoded, but has no room for the region of interest.</summary>
    Misplaced,
}
