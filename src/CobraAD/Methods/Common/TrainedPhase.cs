namespace CobraAD.Methods.Common;

/// <summary>One part of a training.</summary>
/// <param name="Name">What was trained, e.g. "autoencoder".</param>
/// <param name="Losses">Mean loss of each epoch.</param>
internal sealed record TrainedPhase(string Name, IReadOnlyList<double> Losses);
