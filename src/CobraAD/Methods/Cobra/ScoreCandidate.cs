using System.Text.Json.Serialization;

namespace CobraAD.Methods.Cobra;

/// <summary>How one score told good images that were kept from the training from anomalies crafted from them.</summary>
/// <param name="Name">The score.</param>
/// <param name="Kinds">Each kind of anomaly by itself.</param>
public sealed record ScoreCandidate(string Name, IReadOnlyList<ScoreCandidateKind> Kinds)
{
    /// <summary>The mean of clean and attacked AUROC on the kind where it is lowest; what decides.</summary>
    [JsonIgnore]
    public double Worst => Kinds.Min(kind => (kind.Clean + kind.Attacked) / 2);

    /// <summary>Standard error of how far <see cref="Worst"/> lies from that of the usual score, over resampled images.</summary>
    /// <value>0 for the usual score itself; <see langword="null"/> in models that were made before it was measured.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Error { get; init; }

    /// <summary>Whether its attacked AUROC is only a bound from above, by the points that attacks on other scores reached: it was not attacked itself, since it was not the best even so.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsBound { get; init; }
}
