namespace CobraAD.Export;

/// <summary>How an exported model stores the weights of its network. Computation is in float32 always, and so is the bank: scores are
/// small differences of similarities near 1, which coarser embeddings would blur.</summary>
public enum OnnxPrecision
{
    /// <summary>float32, as trained.</summary>
    Full,

    /// <summary>float16, half the size: each weight to 11 significant bits.</summary>
    Half,

    /// <summary>int8, a quarter of the size: each output channel's weights as multiples of 1/127 of its largest.</summary>
    Quantized,
}
