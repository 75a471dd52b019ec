namespace CobraAD.Evaluation.Robustness;

/// <summary>Where a robustness evaluation stands; reported after every batch.</summary>
/// <param name="Attack">Index of the attack in the list, from 0.</param>
/// <param name="Attacks">How many attacks there are.</param>
/// <param name="Name">The attack, or the member of it that runs.</param>
/// <param name="Done">Images done in this pass over the images; an attack may make several passes.</param>
/// <param name="Total">Images in this pass.</param>
/// <param name="CleanAuroc">AUROC of the untouched images.</param>
/// <param name="Auroc">AUROC under this attack so far.</param>
public readonly record struct RobustnessProgress(
    int Attack, int Attacks, string Name, int Done, int Total, double CleanAuroc, double Auroc);
