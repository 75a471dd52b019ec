using CobraAD.Detection;
using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using CobraAD.Validation;

namespace CobraAD.Methods.ReContrast;

/// <summary>ReContrast (Guo et al. 2023): an encoder and a frozen copy of it, and a decoder that gives each one's maps from the other's. The defaults are the original's.</summary>
public sealed record ReContrastOptions : DetectorOptions, IBackboneUser
{
    /// <summary>The network that both encoders start as; its first three stages are used.</summary>
    /// <value>Default: the ImageNet package's, <see cref="BackboneOptions.Packaged"/>. The original's is a WideResNet-50-2 at 256 px.</value>
    public BackboneOptions Backbone { get; init; } = BackboneOptions.Packaged;

    /// <summary>Steps of the training, however many images there are.</summary>
    /// <value>Default 2000; a multiple of 10 from 10 to 1000000.</value>
    public int Iterations { get; init; } = 2000;

    /// <summary>Images of one step.</summary>
    /// <value>Default 16, at least 1.</value>
    public int BatchSize { get; init; } = 16;

    /// <summary>Learning rate of bottleneck and decoder.</summary>
    /// <value>Default 2e-3, above 0 and at most 1.</value>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Learning rate of the encoder.</summary>
    /// <value>Default 1e-5, from 0 (both encoders stay the same) to 1.</value>
    public double EncoderLearningRate { get; init; } = 1e-5;

    /// <summary>Weight decay of AdamW.</summary>
    /// <value>Default 1e-5, from 0 to 1.</value>
    public double WeightDecay { get; init; } = 1e-5;

    /// <summary>
    /// a: places that are nearer than mean + a deviations of the batch give no gradient ("hard mining"). It rises from -3, where almost none
    /// are left out, to this in the first tenth of the steps.
    /// </summary>
    /// <value>Default 1, from -3 to 3.</value>
    public double Mining { get; init; } = 1;

    /// <summary>Whether the encoder's normalisations keep their statistics, instead of those of each batch.</summary>
    /// <value>Default <see langword="false"/>; the original's choice for MVTec's toothbrush, leather, grid, tile, wood and screw is true.</value>
    public bool FixNormalization { get; init; }

    /// <summary>Deviation of the blur over the map, in places of the first stage's map.</summary>
    /// <value>Default 1, above 0 and at most 16: with an ImageNet stem 4 pixels, as in the original.</value>
    public double Sigma { get; init; } = 1;

    DetectorOptions IBackboneUser.With(BackboneOptions backbone) => this with { Backbone = backbone };

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Backbone.Validate();
        OptionCheck.Require(Backbone.Transformer, Backbone.Transformer is null, "null: the decoder mirrors a residual network");
        OptionCheck.Require(Iterations, Iterations is >= 10 and <= 1_000_000 && Iterations % 10 == 0, "a multiple of 10 from 10 to 1000000");
        OptionCheck.RequireAtLeast(BatchSize, 1);
        OptionCheck.RequirePositive(LearningRate, 1);
        OptionCheck.Require(EncoderLearningRate, 0, 1);
        OptionCheck.Require(WeightDecay, 0, 1);
        OptionCheck.Require(Mining, -3, 3);
        OptionCheck.RequirePositive(Sigma, 16);
    }
}
