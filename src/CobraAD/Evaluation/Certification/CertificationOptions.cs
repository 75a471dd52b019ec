using CobraAD.Validation;

namespace CobraAD.Evaluation.Certification;

/// <summary>How bounds of scores against every ℓ₂ attack are computed.</summary>
public sealed record CertificationOptions
{
    /// <summary>The radii ε (ℓ₂, in units of the full pixel range) that bounds are computed for.</summary>
    /// <value>Default [0.05, 0.1, 0.15, 0.2, 0.25]; each above 0 and at most 1000.</value>
    public IReadOnlyList<double> Radii { get; init; } = [0.05, 0.1, 0.15, 0.2, 0.25];

    /// <summary>
    /// n, the noisy copies of each image behind the bounds of a smoothed score; a detector with a Lipschitz constant of its own needs none.
    /// </summary>
    /// <value>Default 1000; from 16 to 10 million.</value>
    public int Samples { get; init; } = 1000;

    /// <summary>σ, the standard deviation of the noise. Bounds are tighter the larger it is beside ε, and the smoothed score is blunter.</summary>
    /// <value>Default 0.25, above 0 and at most 10.</value>
    public double Sigma { get; init; } = 0.25;

    /// <summary>The probability that all bounds hold together, of every image at every radius.</summary>
    /// <value>Default 0.999; from 0.5 to below 1.</value>
    public double Confidence { get; init; } = 0.999;

    /// <summary>How many test images of each class are used at most, drawn by <see cref="Seed"/> as an evaluation draws them.</summary>
    /// <value><see langword="null"/> (the default) uses all.</value>
    public int? SamplesPerClass { get; init; }

    /// <summary>Fixes the sample of images and the noise.</summary>
    /// <value>Default 0.</value>
    public long Seed { get; init; }

    /// <summary>Where the scores of finished images are kept, so that an interrupted certification can go on; deleted when it is complete.</summary>
    /// <value><see langword="null"/> (the default) keeps none.</value>
    public string? StateFile { get; init; }

    /// <summary>How often the state file is written at most; it is always written on cancellation.</summary>
    /// <value>Default 30 seconds.</value>
    public TimeSpan SaveEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.RequireList(Radii, Radii.Count > 0 && Radii.All(radius => radius is > 0 and <= 1000), "at least one radius, each above 0 (at 0 the score itself is the bound) and at most 1000");
        OptionCheck.Require(Samples, 16, 10_000_000);
        OptionCheck.RequirePositive(Sigma, 10);
        OptionCheck.Require(Confidence, Confidence is >= 0.5 and < 1, "from 0.5 to below 1");
        OptionCheck.RequireAtLeast(SamplesPerClass, 1);
        OptionCheck.Require(SaveEvery, SaveEvery >= TimeSpan.Zero, "0 or more");
    }
}
