using CobraAD.Validation;

namespace CobraAD.Optimization;

/// <summary>Which optimiser updates the weights, and its constants. The learning rate comes from the <see cref="LearningRateSchedule"/>.</summary>
public sealed record OptimizerOptions
{
    /// <summary>The optimiser: "lars", "sgd", "adam" or "rmsprop".</summary>
    /// <value>Default "lars", which the paper uses for long runs; "adam" suits runs of minutes.</value>
    public string Name { get; init; } = "lars";

    /// <summary>Momentum of "lars" and "sgd".</summary>
    /// <value>Default 0.9; from 0 up to but without 1.</value>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay, added to the gradient.</summary>
    /// <value>Default 1e-6; from 0 to 1.</value>
    public double WeightDecay { get; init; } = 1e-6;

    /// <summary>Length of a "lars" step relative to the length of the tensor it changes, at learning rate 1.</summary>
    /// <value>Default 0.001; above 0, at most 1.</value>
    public double Trust { get; init; } = 0.001;

    /// <summary>Whether "lars" updates biases and normalisation weights (tensors of one dimension) as "sgd" without weight decay.</summary>
    /// <value>Default <see langword="false"/>: every tensor is treated alike, as in the released code.</value>
    public bool ExcludeVectors { get; init; }

    /// <summary>Decay of the mean gradient of "adam".</summary>
    /// <value>Default 0.9; from 0 up to but without 1.</value>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean squared gradient of "adam" and "rmsprop".</summary>
    /// <value>Default 0.999; from 0 up to but without 1.</value>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the denominators of "lars", "adam" and "rmsprop".</summary>
    /// <value>Default 1e-8; above 0, at most 0.1.</value>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(Name, Optimizers.Names.Contains(Name), $"one of {string.Join(", ", Optimizers.Names)}");
        OptionCheck.RequireBelowOne(Momentum);
        OptionCheck.Require(WeightDecay, 0, 1);
        OptionCheck.RequirePositive(Trust, 1);
        OptionCheck.RequireBelowOne(Beta1);
        OptionCheck.RequireBelowOne(Beta2);
        OptionCheck.RequirePositive(Epsilon, 0.1);
    }
}
