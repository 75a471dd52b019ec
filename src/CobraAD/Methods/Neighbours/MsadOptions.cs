using CobraAD.Validation;

namespace CobraAD.Methods.Neighbours;

/// <summary>MSAD, mean-shifted contrastive adaptation (Reiss and Hoshen 2021). The defaults are the original's.</summary>
public sealed record MsadOptions : NeighbourOptions
{
    /// <summary>Temperature of the contrastive loss.</summary>
    /// <value>Default 0.25, above 0 and at most 10.</value>
    public double Temperature { get; init; } = 0.25;

    /// <summary>Whether the features are also drawn to their mean.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool Angular { get; init; }

    /// <summary>Epochs of the adaptation.</summary>
    /// <value>Default 20, at least 0.</value>
    public int Epochs { get; init; } = 20;

    /// <summary>Images of one step; each is seen in two views.</summary>
    /// <value>Default 64, at least 2.</value>
    public int BatchSize { get; init; } = 64;

    /// <summary>Learning rate of gradient descent without momentum.</summary>
    /// <value>Default 1e-5, above 0 and at most 1.</value>
    public double LearningRate { get; init; } = 1e-5;

    /// <summary>Weight decay.</summary>
    /// <value>Default 5e-5, from 0 to 1.</value>
    public double WeightDecay { get; init; } = 5e-5;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        OptionCheck.RequirePositive(Temperature, 10);
        OptionCheck.RequireAtLeast(Epochs, 0);
        OptionCheck.RequireAtLeast(BatchSize, 2);
        OptionCheck.RequirePositive(LearningRate, 1);
        OptionCheck.Require(WeightDecay, 0, 1);
    }
}
