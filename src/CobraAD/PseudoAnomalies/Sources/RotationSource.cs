using CobraAD.Transforms.Hard;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Sources;

/// <summary>CSI's source of anomalies: each image turned by 90°, 180° or 270° (paper, Table 5). Needs square images.</summary>
internal sealed class RotationSource : IPseudoAnomalySource
{
    /// <inheritdoc/>
    public string Name => "rotation by quarter turns (CSI)";

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The images are not square.</exception>
    public Tensor Craft(Tensor normals, Generator rng)
    {
        using IDisposable frozen = no_grad();
        return new QuarterTurn().Apply(normals, rng);
    }
}
