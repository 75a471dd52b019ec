namespace CobraAD.Transforms;

/// <summary>What takes the place of an erased region.</summary>
internal enum FillKind
{
    /// <summary>Independent uniform noise in [0, 1] for each pixel and channel.</summary>
    Noise,

    /// <summary>The image's own mean colour; gradients flow into the mean.</summary>
    Mean,

    /// <summary>Black.</summary>
    Zero,
}
