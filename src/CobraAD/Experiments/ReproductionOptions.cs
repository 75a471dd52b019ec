namespace CobraAD.Experiments;

/// <summary>Which part of the paper's experiments is reproduced, and at what cost.</summary>
public sealed record ReproductionOptions
{
    /// <summary>The folder of data sets; each lies in a folder of its own.</summary>
    public required string Data { get; init; }

    /// <summary>The cost.</summary>
    /// <value>Default <see cref="ExperimentBudget.Quick"/>.</value>
    public ExperimentBudget Budget { get; init; } = ExperimentBudget.Quick;

    /// <summary>Keys of the data sets that are used.</summary>
    /// <value>Default empty: all that are at hand.</value>
    public IReadOnlyList<string> Datasets { get; init; } = [];

    /// <summary>Classes or categories that are used.</summary>
    /// <value>Default empty: all.</value>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>How many seeds, from 0; each number is the mean over them.</summary>
    /// <value>Default <see langword="null"/>: 5 for Table 20, otherwise 1. 1 to 100.</value>
    public int? Seeds { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Budget)) throw new ArgumentOutOfRangeException(nameof(Budget), Budget, $"Budget must be one of {string.Join(", ", Enum.GetNames<ExperimentBudget>())}.");
        if (Seeds is < 1 or > 100) throw new ArgumentOutOfRangeException(nameof(Seeds), Seeds, "Seeds must be between 1 and 100.");
    }
}
