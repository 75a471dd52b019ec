using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Corruptions;

/// <summary>
/// A fault of light, lens, sensor or transport that happens without any attacker, at five severities. Lengths are fractions of the image's
/// width, so that a severity looks alike at every size.
/// </summary>
/// <remarks>After the common corruptions of Hendrycks and Dietterich (2019), without weather and with levels of our own.</remarks>
internal abstract class Corruption
{
    /// <summary>Number of severities.</summary>
    public const int Severities = 5;

    /// <summary>The name in reports, e.g. "gaussian noise".</summary>
    public abstract string Name { get; }

    /// <summary>What the severities mean, e.g. "standard deviation".</summary>
    public abstract string Parameter { get; }

    /// <summary>The parameter at severity 1 to 5.</summary>
    public abstract IReadOnlyList<double> Levels { get; }

    /// <summary>Corrupts images. The caller disposes the result.</summary>
    /// <param name="images">float32 [B, 3, H, W] in [0, 1] on the CPU; unchanged.</param>
    /// <param name="severity">1 to 5.</param>
    /// <param name="rng">CPU generator of every random parameter.</param>
    /// <returns>A tensor of the same shape in [0, 1].</returns>
    /// <exception cref="ArgumentOutOfRangeException">The severity is not 1 to 5.</exception>
    public Tensor Apply(Tensor images, int severity, Generator rng)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (severity is < 1 or > Severities) throw new ArgumentOutOfRangeException(nameof(severity), severity, $"severity must be between 1 and {Severities}.");
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        return Distort(images, Levels[severity - 1], rng).clamp(0, 1).MoveToOuterDisposeScope();
    }

    /// <summary>Corrupts images; values may leave [0, 1].</summary>
    protected abstract Tensor Distort(Tensor images, double level, Generator rng);
}
