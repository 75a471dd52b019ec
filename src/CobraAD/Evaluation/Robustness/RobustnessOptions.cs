using CobraAD.Attacks.Records;
using CobraAD.Datasets;
using CobraAD.Validation;

namespace CobraAD.Evaluation.Robustness;

/// <summary>How a robustness evaluation is carried out.</summary>
public sealed record RobustnessOptions
{
    /// <summary>Images in one pass.</summary>
    /// <value>Default 64. It changes time and memory, never results.</value>
    public int BatchSize { get; init; } = 64;

    /// <summary>How many test images of each class are used at most, drawn by <see cref="Seed"/>.</summary>
    /// <value><see langword="null"/> (the default) uses all.</value>
    public int? SamplesPerClass { get; init; }

    /// <summary>Fixes the sample, every random number of the attacks, and the bootstrap.</summary>
    /// <value>Default 0.</value>
    public long Seed { get; init; }

    /// <summary>Resamplings behind each 95 % interval.</summary>
    /// <value>Default 1,000.</value>
    public int BootstrapReplicates { get; init; } = 1000;

    /// <summary>Which candidates count.</summary>
    /// <value>Default <see cref="CandidateRule.WorstCase"/>.</value>
    public CandidateRule Rule { get; init; } = CandidateRule.WorstCase;

    /// <summary>How the attacks share the images.</summary>
    /// <value>Default <see cref="AttackOrder.Independent"/>.</value>
    public AttackOrder Order { get; init; } = AttackOrder.Independent;

    /// <summary>
    /// Where progress is kept, so that an interrupted evaluation can go on. If the file exists the evaluation resumes from it; it is
    /// deleted when the evaluation is complete, unless <see cref="KeepState"/> is set.
    /// </summary>
    /// <value><see langword="null"/> (the default) keeps none.</value>
    public string? StateFile { get; init; }

    /// <summary>
    /// Whether the state file of a complete evaluation is kept, for a caller whose own work goes on and may be interrupted too: the same
    /// evaluation then begins where it ended. <see cref="RobustnessEvaluator.DeleteState"/> removes it.
    /// </summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool KeepState { get; init; }

    /// <summary>
    /// How often the state file is written at most; it is always written after an attack and on cancellation. So that no more than about this much
    /// work is lost, batches are smaller than <see cref="BatchSize"/> where an attack takes long: down to one image, which is attacked as a whole.
    /// </summary>
    /// <value>Default 30 seconds.</value>
    public TimeSpan SaveEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Bytes that the attacked images may take, three times: untouched, as the worst found, and as the worst of the attack under way. More of them are in files
    /// without a name, in TMPDIR or else in /var/tmp. It changes memory only, never results.
    /// </summary>
    /// <value>Default <see langword="null"/>: 1 GiB. A given value is at least 1.</value>
    public long? MemoryLimit { get; init; }

    /// <summary>Bytes that one of the three may take in memory.</summary>
    internal long MostBytesOfOne => (MemoryLimit ?? DatasetOptions.MostBytesInMemory) / 3;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(BatchSize, 1, 65536);
        OptionCheck.RequireAtLeast(SamplesPerClass, 1);
        OptionCheck.Require(BootstrapReplicates, 100, 1_000_000);
        OptionCheck.RequireAtLeast(MemoryLimit, 1);
        OptionCheck.Require(SaveEvery, SaveEvery >= TimeSpan.Zero, "0 or more");
    }
}
