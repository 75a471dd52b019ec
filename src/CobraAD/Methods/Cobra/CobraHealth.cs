using System.Text.Json.Serialization;
using CobraAD.PseudoAnomalies;
using CobraAD.Training;

namespace CobraAD.Methods.Cobra;

/// <summary>How a training went.</summary>
/// <param name="PseudoAnomalies">The filter's check and the rejection sampling's figures.</param>
/// <param name="Epochs">Every epoch.</param>
/// <param name="TrainingSeconds">Time of the training steps, over all sessions; what came before them is in <paramref name="PseudoAnomalies"/>.</param>
public sealed record CobraHealth(PseudoAnomalyRecord PseudoAnomalies, IReadOnlyList<EpochSummary> Epochs, double TrainingSeconds)
{
    /// <summary>The score of the detector and its constants, and what it was chosen among; <see langword="null"/> in models of version 0.1.0.</summary>
    public ScoreChoice? Score { get; init; }

    /// <summary>
    /// Share of the good images whose mirror image is farther from the others than the image itself, 0.5 where mirroring makes no difference;
    /// <see langword="null"/> where they were not asked (<see cref="CobraOptions.MirrorWhereAlike"/>).
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MirroredFarther { get; init; }

    /// <summary>Whether the good images, where they were asked, allowed light views to be mirrored: at most two thirds of them are farther.</summary>
    [JsonIgnore]
    public bool MayMirror => MirrorCheck.Allows(MirroredFarther);
}
