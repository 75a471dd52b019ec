using CobraAD.Validation;

namespace CobraAD.Methods.Neighbours;

/// <summary>
/// PANDA (Reiss et al. 2021). The defaults are the original's early-stopping variant; "ewc" is the other one, which holds on to
/// what mattered for the backbone's own task.
/// </summary>
public sealed record PandaOptions : NeighbourOptions
{
    /// <summary>Epochs of the adaptation.</summary>
    /// <value>Default 15 (early stopping); 50 with elastic weights. At least 0.</value>
    public int Epochs { get; init; } = 15;

    /// <summary>Images of one step.</summary>
    /// <value>Default 32, at least 2.</value>
    public int BatchSize { get; init; } = 32;

    /// <summary>Learning rate.</summary>
    /// <value>Default 1e-2, above 0 and at most 1.</value>
    public double LearningRate { get; init; } = 1e-2;

    /// <summary>Momentum.</summary>
    /// <value>Default 0.9, from 0 up to but without 1.</value>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay.</summary>
    /// <value>Default 5e-5, from 0 to 1.</value>
    public double WeightDecay { get; init; } = 5e-5;

    /// <summary>Length to which the gradients together are shortened.</summary>
    /// <value>Default 1e-3, above 0 and at most 1000.</value>
    public double GradientLimit { get; init; } = 1e-3;

    /// <summary>Weight of the elastic term (λ/2) Σ_j F_j (θ_j - θ0_j)², where F is the diagonal of the Fisher matrix.</summary>
    /// <value>Default 0: none. 1e4 in the "ewc" preset; from 0 to 1e9.</value>
    public double ElasticWeight { get; init; }

    /// <summary>Training images over which the Fisher matrix is averaged.</summary>
    /// <value>Default 500, at least 1.</value>
    public int FisherImages { get; init; } = 500;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        OptionCheck.RequireAtLeast(Epochs, 0);
        OptionCheck.RequireAtLeast(BatchSize, 2);
        OptionCheck.RequirePositive(LearningRate, 1);
        OptionCheck.RequireBelowOne(Momentum);
        OptionCheck.Require(WeightDecay, 0, 1);
        OptionCheck.RequirePositive(GradientLimit, 1000);
        OptionCheck.Require(ElasticWeight, 0, 1e9);
        OptionCheck.RequireAtLeast(FisherImages, 1);
    }
}
