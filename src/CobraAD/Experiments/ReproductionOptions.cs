using CobraAD.Attacks;
using CobraAD.Methods;
using CobraAD.Networks.Backbones;
using CobraAD.Validation;

namespace CobraAD.Experiments;

/// <summary>Which part of the paper's experiments is reproduced, and at what cost.</summary>
public sealed record ReproductionOptions
{
    /// <summary>The folder of data sets; each lies in a folder of its own.</summary>
    public required string Data { get; init; }

    /// <summary>The cost.</summary>
    /// <value>Default <see cref="Budget.Quick"/>.</value>
    public Budget Budget { get; init; } = Budget.Quick;

    /// <summary>Keys of the data sets that are used.</summary>
    /// <value>Default empty: all that are at hand.</value>
    public IReadOnlyList<string> Datasets { get; init; } = [];

    /// <summary>Classes or categories that are used.</summary>
    /// <value>Default empty: all.</value>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Names of the methods whose columns are computed, as <see cref="DetectionMethods"/> knows them.</summary>
    /// <value>Default empty: COBRA, and every other method of the table that is built and has what it needs.</value>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>The feature network of the methods that need one. Its file's content is part of what identifies their cells.</summary>
    /// <value>Default <see langword="null"/>: their columns are left out, and the report says so.</value>
    public BackboneOptions? Backbone { get; init; }

    /// <summary>How many seeds, from 0; each number is the mean over them.</summary>
    /// <value>Default <see langword="null"/>: 5 for Table 20, otherwise 1. 1 to 100.</value>
    public int? Seeds { get; init; }

    /// <summary>
    /// Images of an epoch of COBRA's trainings: smaller sets are repeated (decision D30). The released code has 10,000 for MVTec AD, whose categories
    /// otherwise get some 200 updates in 100 epochs.
    /// </summary>
    /// <value>Default <see langword="null"/>: the budget's, which is one pass over the set. At least 1.</value>
    public int? ItemsPerEpoch { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="ArgumentException">There is no such method, or the backbone has no file.</exception>
    public void Validate()
    {
        foreach (string method in Methods) DetectionMethods.Get(method);
        Backbone?.Validate();
        if (Backbone is { File: null, Package: null }) throw new ArgumentException("The backbone has no weight file. Set backbone.file in the JSON file, or give a file of 'cobra pretrain'.", nameof(Backbone));
        if (Backbone is { File: { } weights } && !File.Exists(weights)) throw new ArgumentException($"There is no weight file '{Backbone.File}' for the backbone.", nameof(Backbone));
        OptionCheck.RequireDefined(Budget);
        OptionCheck.Require(Seeds, 1, 100);
        OptionCheck.RequireAtLeast(ItemsPerEpoch, 1);
    }
}
