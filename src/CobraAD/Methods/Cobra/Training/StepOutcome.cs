namespace CobraAD.Methods.Cobra.Training;

/// <summary>What one training step did. The attack's gain costs a pass and is measured in the first step of an epoch only.</summary>
internal readonly record struct StepOutcome(int Images, double Loss, double ContrastiveLoss, double ClassificationLoss, double? AttackGain, double? AttackStrength);
