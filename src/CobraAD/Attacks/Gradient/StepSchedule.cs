namespace CobraAD.Attacks.Gradient;

/// <summary>How the step size of an iterative attack changes.</summary>
public enum StepSchedule
{
    /// <summary>
    /// <see cref="Constant"/> below 20 steps, <see cref="Cosine"/> from 20 on: against a score that is the largest of many cosines the constant
    /// rule gets weaker with more steps, since they are smaller and end in the nearest maximum (measured in docs/lab/results.md).
    /// </summary>
    Automatic,

    /// <summary>α = factor·ε/k in each of k steps; with factor 2.5 the released code's rule.</summary>
    Constant,

    /// <summary>From ε (<see cref="Pgd.FirstStep"/>) down to ε/100 along half a cosine: with many steps the constant rule's path is too short to explore.</summary>
    Cosine,
}
