using CobraAD.Validation;

namespace CobraAD.PseudoAnomalies.Generative.Diffusion;

/// <summary>
/// The source "fitymi-small": a DDPM of the normal images, stopped early. The defaults are for a GPU; a CPU takes days for them.
/// </summary>
public sealed record DiffusionOptions
{
    /// <summary>Channels of the finest maps; the two coarser levels have twice as many.</summary>
    /// <value>64 by default; a multiple of 4, 4 to 256.</value>
    public int Width { get; init; } = 64;

    /// <summary>T, the steps of the noise.</summary>
    /// <value>1000 by default, 2 to 10000.</value>
    public int NoiseSteps { get; init; } = 1000;

    /// <summary>How the noise grows.</summary>
    /// <value><see cref="NoiseScheduleKind.Cosine"/> by default.</value>
    public NoiseScheduleKind Schedule { get; init; } = NoiseScheduleKind.Cosine;

    /// <summary>Steps of the training.</summary>
    /// <value>20000 by default, 1 to 10000000.</value>
    public int TrainingSteps { get; init; } = 20_000;

    /// <summary>Images of a step.</summary>
    /// <value>128 by default, 1 to 65536.</value>
    public int BatchSize { get; init; } = 128;

    /// <summary>Adam's learning rate.</summary>
    /// <value>2e-4 by default; at least 0.</value>
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Decay of the running average of the weights, which is what images are made with.</summary>
    /// <value>0.999 by default; 0 to 0.999999.</value>
    public double AverageDecay { get; init; } = 0.999;

    /// <summary>
    /// Which moment of the training is sampled: the first at which the Fréchet distance of a few samples to the normal images is at
    /// most this many times the smallest of the whole training. Above 1 the images are near to normal, but not quite ("fake it").
    /// </summary>
    /// <value>2.5 by default, 1 (the best) to 1000. <see langword="null"/>: the last step, and nothing is measured.</value>
    public double? StopMultiple { get; init; } = 2.5;

    /// <summary>Training steps between two measurements of the distance.</summary>
    /// <value>1000 by default, at least 1.</value>
    public int CheckEvery { get; init; } = 1000;

    /// <summary>Images of a measurement.</summary>
    /// <value>256 by default, 2 to 100000.</value>
    public int CheckImages { get; init; } = 256;

    /// <summary>DDIM steps of the images of a measurement.</summary>
    /// <value>20 by default; from 1 to <see cref="NoiseSteps"/>.</value>
    public int CheckSamplingSteps { get; init; } = 20;

    /// <summary>DDIM steps of the images that are kept.</summary>
    /// <value>50 by default; from 1 to <see cref="NoiseSteps"/>.</value>
    public int SamplingSteps { get; init; } = 50;

    /// <summary>Images made, once, before the training of the detector.</summary>
    /// <value>5000 by default (FITYMI, Mirzaei et al. 2022), 1 to 1000000.</value>
    public int Images { get; init; } = 5000;

    /// <summary>The longest side that images are learnt at; larger ones are shrunk to it, and what is made is enlarged.</summary>
    /// <value>64 by default, 8 to 128.</value>
    public int LargestSide { get; init; } = 64;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(Width, Width is >= 4 and <= 256 && Width % 4 == 0, "a multiple of 4 between 4 and 256");
        OptionCheck.Require(NoiseSteps, 2, 10_000);
        OptionCheck.RequireDefined(Schedule);
        OptionCheck.Require(TrainingSteps, 1, 10_000_000);
        OptionCheck.Require(BatchSize, 1, 65536);
        OptionCheck.Require(LearningRate, LearningRate >= 0 && double.IsFinite(LearningRate), "finite and at least 0");
        OptionCheck.Require(AverageDecay, 0, 0.999999);
        OptionCheck.Require(StopMultiple, 1, 1000);
        OptionCheck.RequireAtLeast(CheckEvery, 1);
        OptionCheck.Require(CheckImages, 2, 100_000);
        OptionCheck.Require(CheckSamplingSteps, 1, NoiseSteps);
        OptionCheck.Require(SamplingSteps, 1, NoiseSteps);
        OptionCheck.Require(Images, 1, 1_000_000);
        OptionCheck.Require(LargestSide, 8, 128);
    }
}
