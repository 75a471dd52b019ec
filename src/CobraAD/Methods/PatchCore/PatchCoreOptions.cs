using CobraAD.Detection;
using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using CobraAD.Validation;

namespace CobraAD.Methods.PatchCore;

/// <summary>PatchCore (Roth et al. 2022): distances between patches of feature maps. The defaults are the original's; nothing is trained.</summary>
public sealed record PatchCoreOptions : DetectorOptions, IBackboneUser
{
    /// <summary>The feature network.</summary>
    /// <value>Default: the ImageNet package's, <see cref="BackboneOptions.Packaged"/>.</value>
    public BackboneOptions Backbone { get; init; } = BackboneOptions.Packaged;

    /// <summary>The stages whose maps are used; the first one's grid is that of the patches.</summary>
    /// <value>Default [2, 3]; ascending, from 1 to 4.</value>
    public IReadOnlyList<int> Stages { get; init; } = [2, 3];

    /// <summary>Length of a patch's vector.</summary>
    /// <value>Default 1024; from 8 to 4096.</value>
    public int PatchSize { get; init; } = 1024;

    /// <summary>Share of the patches that the coreset keeps.</summary>
    /// <value>Default 0.1, above 0 and at most 1.</value>
    public double CoresetShare { get; init; } = 0.1;

    /// <summary>Length to which patches are projected while the coreset is chosen.</summary>
    /// <value>Default 128; from 8 to 4096.</value>
    public int ProjectionSize { get; init; } = 128;

    /// <summary>k, the nearest stored patches whose distances are averaged.</summary>
    /// <value>Default 1; from 1 to 100.</value>
    public int Neighbours { get; init; } = 1;

    /// <summary>Most bytes that the training images' patches may take; with more images fewer patches of each are drawn at random.</summary>
    /// <value>Default 2 GiB; at least 1 MiB.</value>
    public long MemoryLimit { get; init; } = 2L << 30;

    DetectorOptions IBackboneUser.With(BackboneOptions backbone) => this with { Backbone = backbone };

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Backbone.Validate();
        OptionCheck.Require(Backbone.Transformer, Backbone.Transformer is null, "null: patches come from the feature maps of a residual network");
        bool isAscending = Stages.Zip(Stages.Skip(1)).All(pair => pair.First < pair.Second);
        OptionCheck.RequireList(Stages, Stages.Count > 0 && isAscending && Stages.All(stage => stage is >= 1 and <= 4), "ascending numbers from 1 to 4");
        OptionCheck.Require(PatchSize, 8, 4096);
        OptionCheck.RequirePositive(CoresetShare, 1);
        OptionCheck.Require(ProjectionSize, 8, 4096);
        OptionCheck.Require(Neighbours, 1, 100);
        OptionCheck.Require(MemoryLimit, MemoryLimit >= 1L << 20, "at least 1048576 (1 MiB)");
    }
}
