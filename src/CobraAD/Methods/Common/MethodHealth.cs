using CobraAD.Networks.Backbones;

namespace CobraAD.Methods.Common;

/// <summary>How the training of a method went.</summary>
/// <param name="TrainingSeconds">Time of everything but the calibration.</param>
/// <param name="Phases">Its parts, in order; none when the method trains nothing.</param>
/// <param name="Backbone">Where the weights came from that it started with; <see langword="null"/> when the method uses none.</param>
internal sealed record MethodHealth(double TrainingSeconds, IReadOnlyList<TrainedPhase> Phases, WeightOrigin? Backbone = null);

/// <summary>One part of a training.</summary>
/// <param name="Name">What was trained, e.g. "autoencoder".</param>
/// <param name="Losses">Mean loss of each epoch.</param>
internal sealed record TrainedPhase(string Name, IReadOnlyList<double> Losses);
