using static TorchSharp.torch;

namespace CobraAD.Detection;

/// <summary>A detector that can say where an image is anomalous.</summary>
internal interface IAnomalyMap
{
    /// <summary>How anomalous each place of an image is; the caller disposes it.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on the detector's device.</param>
    /// <returns>[B, H, W]; larger is more anomalous.</returns>
    Tensor HeatMap(Tensor images);
}
