namespace CobraAD.PseudoAnomalies.Crafting;

/// <summary>Where the training of the transformation classifier stands.</summary>
/// <param name="Epoch">The current epoch, from 1.</param>
/// <param name="Epochs">All epochs.</param>
/// <param name="Step">Steps done in this epoch.</param>
/// <param name="Steps">Steps of an epoch.</param>
/// <param name="Loss">Mean cross-entropy of the epoch, in nats; only with the epoch's last step.</param>
/// <param name="Accuracy">Share of correctly named transforms in the epoch; only with the epoch's last step.</param>
public sealed record TransformationClassifierProgress(int Epoch, int Epochs, int Step, int Steps, double? Loss, double? Accuracy);
