namespace CobraAD.Attacks.BlackBox;

/// <summary>The directions that SimBA tries.</summary>
public enum SimbaBasis
{
    /// <summary><see cref="Pixel"/> up to 64 pixels a side, <see cref="Dct"/> above.</summary>
    Automatic,

    /// <summary>One channel of one pixel at a time.</summary>
    Pixel,

    /// <summary>One low frequency of one channel at a time: the two-dimensional discrete cosine basis.</summary>
    Dct,
}
