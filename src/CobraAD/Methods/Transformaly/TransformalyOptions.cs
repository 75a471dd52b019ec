using CobraAD.Detection;
using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using CobraAD.Validation;

namespace CobraAD.Methods.Transformaly;

/// <summary>Transformaly (Cohen and Avidan 2022): the likelihood of a pretrained network's features, and of how well students of its blocks imitate them.</summary>
public sealed record TransformalyOptions : DetectorOptions, IBackboneUser
{
    /// <summary>The teacher.</summary>
    /// <value>
    /// Default: the ImageNet package's residual network, <see cref="BackboneOptions.Packaged"/>, whose blocks stand in for a transformer's; names say "reduced". The
    /// original's is a ViT-B/16 for 384 px, which comes from a file.
    /// </value>
    public BackboneOptions Backbone { get; init; } = BackboneOptions.Packaged;

    /// <summary>Passes over the images.</summary>
    /// <value>Default 30, at least 1.</value>
    public int Epochs { get; init; } = 30;

    /// <summary>Images of one step.</summary>
    /// <value>Default 6, at least 1.</value>
    public int BatchSize { get; init; } = 6;

    /// <summary>Learning rate of Adam.</summary>
    /// <value>Default 1e-4, above 0 and at most 1.</value>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>First blocks that have no student: their errors do not count.</summary>
    /// <value>Default 2, from 0; fewer than the teacher has blocks.</value>
    public int SkippedBlocks { get; init; } = 2;

    /// <summary>Share of the features' variance that the whitened directions may explain.</summary>
    /// <value>Default 0.9, above 0 and at most 1.</value>
    public double ExplainedVariance { get; init; } = 0.9;

    /// <summary>Added to the variances of both Gaussians.</summary>
    /// <value>Default 1e-6, above 0 and at most 1.</value>
    public double Regularization { get; init; } = 1e-6;

    DetectorOptions IBackboneUser.With(BackboneOptions backbone) => this with { Backbone = backbone };

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Backbone.Validate();
        OptionCheck.RequireAtLeast(Epochs, 1);
        OptionCheck.RequireAtLeast(BatchSize, 1);
        OptionCheck.RequirePositive(LearningRate, 1);
        OptionCheck.RequireAtLeast(SkippedBlocks, 0);
        if (Backbone.Transformer is { } transformer) OptionCheck.Require(SkippedBlocks, SkippedBlocks < transformer.Depth, $"fewer than the transformer's {transformer.Depth} blocks");
        OptionCheck.RequirePositive(ExplainedVariance, 1);
        OptionCheck.RequirePositive(Regularization, 1);
    }
}
