using CobraAD.Validation;

namespace CobraAD.Losses;

/// <summary>Which contrastive loss is trained and attacked, and its constants.</summary>
public sealed record ContrastiveLossOptions
{
    /// <summary>The loss: "cobra", "cobra-eq2", "cobra-softplus", "ntxent", "supcon", "opposite" or "none".</summary>
    /// <value>Default "cobra".</value>
    public string Name { get; init; } = "cobra";

    /// <summary>t: similarities are cosines divided by it.</summary>
    /// <value>Default 0.5; from 0.01 to 10.</value>
    public double Temperature { get; init; } = 0.5;

    /// <summary>w of "cobra": weight of the opposite term. The number of positives makes it the paper's equation (3).</summary>
    /// <value>Default 1; from 0 to 100.</value>
    public double OppositeWeight { get; init; } = 1;

    /// <summary>w of "cobra-eq2" and "cobra-softplus": weight of the margin term.</summary>
    /// <value>Default 1; from 0 to 100.</value>
    public double BarrierWeight { get; init; } = 1;

    /// <summary>What "cobra-eq2" does at violated margins.</summary>
    /// <value>Default <see cref="MarginForm.Continued"/>.</value>
    public MarginForm Margin { get; init; } = MarginForm.Continued;

    /// <summary>m0 of "cobra-eq2": below this margin (in units of 1/t) the barrier is its tangent.</summary>
    /// <value>Default ln 2, where the slope is -1; from 0.001 to 10.</value>
    public double MarginFloor { get; init; } = Math.Log(2);

    /// <summary>Whether other samples of an anchor's own group leave its denominator (the spurious negatives).</summary>
    /// <value>Default <see langword="false"/>: they stay, as in every equation of the paper.</value>
    public bool ExcludeSameGroup { get; init; }

    /// <summary>Whether only the two light views are anchors.</summary>
    /// <value>Default <see langword="false"/>: adversarial views are anchors too.</value>
    public bool FirstTwoAnchors { get; init; }

    /// <summary>Whether adversarial anchors have an opposite as well.</summary>
    /// <value>Default <see langword="false"/>, as in the paper's figure 1.</value>
    public bool AdversarialOpposite { get; init; }

    /// <summary>How the anchors' values become one number.</summary>
    /// <value>Default <see cref="LossReduction.Mean"/>.</value>
    public LossReduction Reduction { get; init; } = LossReduction.Mean;

    /// <summary>Constant added to the denominator and inside the logarithm, as the released code does.</summary>
    /// <value>Default 0, which log-sum-exp can afford; 1e-8 gives the released code's numbers. At most 0.001.</value>
    public double Stabilizer { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(Name, ContrastiveLosses.Names.Contains(Name), $"one of {string.Join(", ", ContrastiveLosses.Names)}");
        OptionCheck.Require(Temperature, 0.01, 10);
        OptionCheck.Require(OppositeWeight, 0, 100);
        OptionCheck.Require(BarrierWeight, 0, 100);
        OptionCheck.Require(MarginFloor, 0.001, 10);
        OptionCheck.Require(Stabilizer, 0, 0.001);
        OptionCheck.RequireDefined(Margin);
        OptionCheck.RequireDefined(Reduction);
    }
}
