using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies;

/// <summary>Makes pseudo-anomalies out of normal images (the paper's Υ, section 3.1, and its alternatives of Table 5).</summary>
internal interface IPseudoAnomalySource
{
    /// <summary>The name used in reports, options and manifests.</summary>
    string Name { get; }

    /// <summary>One pseudo-anomaly for each normal image; no gradient flows through it. The caller disposes the result.</summary>
    /// <param name="normals">float32 [B, 3, H, W] in [0, 1].</param>
    /// <param name="rng">CPU generator of everything random.</param>
    /// <returns>float32 [B, 3, H, W] in [0, 1]; row i was made from row i of <paramref name="normals"/>.</returns>
    Tensor Craft(Tensor normals, Generator rng);
}
