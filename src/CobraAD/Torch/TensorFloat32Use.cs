namespace CobraAD.Torch;

/// <summary>
/// When matrix products and convolutions of float32 on a CUDA device may round their factors to TF32 (10 bits of mantissa instead of
/// 23), which tensor cores compute several times faster. On a CPU it changes nothing.
/// </summary>
public enum TensorFloat32Use
{
    /// <summary>While networks train. What is scored, attacked and reported is float32.</summary>
    Training,

    /// <summary>Never: every product is float32.</summary>
    Never,

    /// <summary>Always, so that reported scores carry that rounding too (5e-4 of each factor).</summary>
    Always,
}
