namespace CobraAD.Export;

/// <summary>What an exported model takes as its images.</summary>
public enum OnnxImageForm
{
    /// <summary>uint8 [batch, height, width, 3], red first, of any height and width: resized and rounded as in training.</summary>
    Bytes,

    /// <summary>float32 [batch, 3, height, width] in [0, 1], of any height and width: resized with the same filter, not rounded.</summary>
    Floats,
}
