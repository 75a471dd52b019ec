using CobraAD.Detection;
using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using CobraAD.Validation;

namespace CobraAD.Methods.Neighbours;

/// <summary>What all methods share that compare an image's features with those of the training images.</summary>
public abstract record NeighbourOptions : DetectorOptions, IBackboneUser
{
    /// <summary>The feature network.</summary>
    /// <value>Default: the ImageNet package's, <see cref="BackboneOptions.Packaged"/>.</value>
    public BackboneOptions Backbone { get; init; } = BackboneOptions.Packaged;

    /// <summary>k, the number of nearest training images whose distances are summed.</summary>
    /// <value>Default 2; from 1 to 100.</value>
    public int Neighbours { get; init; } = 2;

    DetectorOptions IBackboneUser.With(BackboneOptions backbone) => this with { Backbone = backbone };

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Backbone.Validate();
        OptionCheck.Require(Neighbours, 1, 100);
    }
}
