using CobraAD.Detection;
using CobraAD.Methods.Cobra;

namespace CobraAD.Cli.Arguments;

/// <summary>The detector that a command works on.</summary>
/// <param name="Detector">The detector; disposed with the subject.</param>
/// <param name="File">Its file.</param>
/// <param name="ImageSize">The side of the images it takes; <see langword="null"/> for any.</param>
internal sealed record DetectorSubject(IAnomalyDetector Detector, string File, int? ImageSize) : IDisposable
{
    private const double DefaultEpsilon = 4 / 255.0;

    /// <summary>The model itself when it is one of ours.</summary>
    public ITrainedDetector? Trained => Detector as ITrainedDetector;

    /// <summary>The ℓ∞ radius to attack with when none is given.</summary>
    public double Epsilon => (Trained?.Card.Options as CobraOptions)?.Attack?.Epsilon ?? DefaultEpsilon;

    public void Dispose() => Detector.Dispose();
}
