using System.Diagnostics;
using System.Numerics;
using CobraAD.Attacks.Records;
using CobraAD.Detection;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks;

/// <summary>What an attack works with: the detector, the ledger, and the images in batches.</summary>
/// <remarks>
/// A run is a sequence of passes over images (<see cref="ForEachBatch"/>) with decisions between them (<see cref="Decide"/>). On resuming, the
/// attack runs again from its start: finished passes are skipped, taken decisions come back, and the unfinished pass goes on. So the sequence
/// must depend on nothing else.
/// </remarks>
/// <example>
/// An evaluator makes contexts by itself. By hand, to look at what one attack did to each image:
/// <code>
/// using Ledger ledger = Ledger.Open(detector, images, isAnomalous, ThreatModel.Parse("4/255"));
/// new Pgd { Steps = 50 }.Run(new AttackContext(detector, ledger, new RandomStreams(seed: 0)));
/// Console.WriteLine($"{ledger[0].CleanScore} became {ledger[0].WorstScore} in step {ledger[0].Step}");
/// </code>
/// </example>
/// <param name="detector">The detector under attack.</param>
/// <param name="ledger">Where findings are recorded.</param>
/// <param name="streams">The run's random numbers.</param>
/// <param name="batchSize">Images in one pass; it changes time and memory, never results.</param>
/// <param name="cancellation">Stops the attack between passes; what whole batches found stays in the ledger.</param>
public sealed class AttackContext(
    IAnomalyDetector detector, Ledger ledger, RandomStreams streams, int batchSize = 64, CancellationToken cancellation = default)
{
    private int stage;
    private string parents = "";

    /// <summary>The detector under attack.</summary>
    public IAnomalyDetector Detector { get; } = detector;

    /// <summary>Where findings are recorded.</summary>
    public Ledger Ledger { get; } = ledger;

    /// <summary>What the attacker may do.</summary>
    public ThreatModel Threat => Ledger.Threat;

    /// <summary>The run's random numbers; attacks draw through <see cref="AttackBatch.Random"/>.</summary>
    public RandomStreams Streams { get; } = streams;

    /// <summary>Images in one pass.</summary>
    public int BatchSize { get; } = BatchedPass.SizeFor(batchSize, ledger.Points.size(2), ledger.Points.size(3));

    /// <summary>Stops the attack. Every evaluation looks at it; work without evaluations should too.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>
    /// The worst score of every image of the ledger when the current pass over the images began: what an attack may read of the other
    /// images without making its result depend on the batch size.
    /// </summary>
    public IReadOnlyList<double> ScoresAtStart => Journal.ScoresAtStart;

    internal AttackJournal Journal { get; init; } = new();

    internal Action<StageProgress>? Progress { get; init; }

    /// <summary>How large batches may be for the sake of a state file; as large as <see cref="BatchSize"/> without one.</summary>
    internal BatchPace Pace { get; init; } = new(TimeSpan.Zero);

    /// <summary>Goes over images batch by batch and records what each batch found.</summary>
    /// <param name="attack">What the findings are recorded under, usually the attack's name.</param>
    /// <param name="images">Indices in the ledger, usually <see cref="Ranks.OpenImages"/>.</param>
    /// <param name="body">Attacks one batch; tensors it makes are disposed when it returns.</param>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The detector returned a score that is not finite.</exception>
    public void ForEachBatch(string attack, IReadOnlyList<int> images, Action<AttackBatch> body)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(body);
        string path = parents + attack;
        if (stage++ < Journal.CompletedStages) return;
        if (Journal.Images is null) Journal.Begin([.. images.Where(image => image >= Ledger.First && image < Ledger.First + Ledger.Held)], Ledger.WorstScores);
        int[] planned = Journal.Images!;
        while (Journal.Done < planned.Length)
        {
            Cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            int[] rows = planned[Journal.Done..Math.Min(Journal.Done + Pace.Next(BatchSize), planned.Length)];
            long started = Stopwatch.GetTimestamp();
            using AttackBatch batch = new(this, rows, path);
            body(batch);
            Ledger.Record(batch, path);
            Journal.Advance(rows.Length);
            Pace.Record(rows.Length, Stopwatch.GetElapsedTime(started));
            Progress?.Invoke(new StageProgress(path, Journal.Done, planned.Length));
        }

        Journal.End();
    }

    /// <summary>Runs a member of a composite attack; its findings are recorded as "composite/member".</summary>
    /// <param name="composite">The attack that has members.</param>
    /// <param name="member">The member.</param>
    public void RunMember(IAttack composite, IAttack member)
    {
        ArgumentNullException.ThrowIfNull(composite);
        ArgumentNullException.ThrowIfNull(member);
        string outside = parents;
        parents += composite.Name + "/";
        member.Run(this);
        parents = outside;
    }

    /// <summary>
    /// Takes a decision between passes that depends on what was found so far. A resumed run gets the decision of the interrupted one.
    /// </summary>
    /// <typeparam name="T">A kind of number whose values a double can hold: <see cref="int"/>, <see cref="double"/> and smaller ones.</typeparam>
    /// <param name="key">The decision's name, unique within the attack's run.</param>
    /// <param name="decide">Takes the decision.</param>
    public T[] Decide<T>(string key, Func<T[]> decide)
        where T : INumber<T>
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(decide);
        return Journal.Decide(key, decide);
    }
}
