using CobraAD.Validation;

namespace CobraAD.PseudoAnomalies.Generative.Gan;

/// <summary>The source "goe-small": a DCGAN of the normal images, sampled from an inflated latent distribution.</summary>
public sealed record GanOptions
{
    /// <summary>Channels of the finest hidden map; each coarser one has twice as many.</summary>
    /// <value>64 by default, 4 to 512.</value>
    public int Width { get; init; } = 64;

    /// <summary>Length of z.</summary>
    /// <value>100 by default, 2 to 4096.</value>
    public int LatentSize { get; init; } = 100;

    /// <summary>Steps of the training, each of the discriminator and then of the generator.</summary>
    /// <value>5000 by default, 1 to 10000000.</value>
    public int TrainingSteps { get; init; } = 5000;

    /// <summary>Real images, and generated ones, of a step.</summary>
    /// <value>128 by default, 2 to 65536.</value>
    public int BatchSize { get; init; } = 128;

    /// <summary>Adam's learning rate for both networks.</summary>
    /// <value>2e-4 by default (Radford et al. 2016); at least 0.</value>
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Adam's decay of the mean gradient.</summary>
    /// <value>0.5 by default (Radford et al. 2016); 0 to 0.9999.</value>
    public double Beta1 { get; init; } = 0.5;

    /// <summary>σ of the latents z ~ N(0, σ² I) that images are made from; the training has 1.</summary>
    /// <value>2 by default (GOE, Kirchheim et al. 2022, who also take up to 50); 0.01 to 1000.</value>
    public double Sigma { get; init; } = 2;

    /// <summary>Images made, once, before the training of the detector.</summary>
    /// <value>5000 by default, 1 to 1000000.</value>
    public int Images { get; init; } = 5000;

    /// <summary>The longest side that images are learnt at; larger ones are shrunk to it, and what is made is enlarged.</summary>
    /// <value>64 by default, 8 to 128.</value>
    public int LargestSide { get; init; } = 64;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(Width, 4, 512);
        OptionCheck.Require(LatentSize, 2, 4096);
        OptionCheck.Require(TrainingSteps, 1, 10_000_000);
        OptionCheck.Require(BatchSize, 2, 65536);
        OptionCheck.Require(LearningRate, LearningRate >= 0 && double.IsFinite(LearningRate), "finite and at least 0");
        OptionCheck.Require(Beta1, 0, 0.9999);
        OptionCheck.Require(Sigma, 0.01, 1000);
        OptionCheck.Require(Images, 1, 1_000_000);
        OptionCheck.Require(LargestSide, 8, 128);
    }
}
