using CobraAD.Attacks.Records;
using CobraAD.Detection;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Composite;

/// <summary>
/// Attacks another detector and offers what was found there to the one under attack: what an attacker can do who has no gradients of
/// the target but can train a detector of his own.
/// </summary>
/// <param name="source">The detector whose gradients steer; not disposed.</param>
/// <param name="attacks">What runs against it, each by itself.</param>
public sealed class Transfer(IAnomalyDetector source, IReadOnlyList<IAttack> attacks) : IAttack
{
    /// <inheritdoc/>
    public string Name => "transfer";

    /// <inheritdoc/>
    public bool NeedsGradient => false;

    /// <inheritdoc/>
    public void Run(AttackContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Ledger ledger = context.Ledger;
        foreach (IAttack attack in attacks)
        {
            using Ledger own = Ledger.Open(source, ledger.Untouched, ledger.IsAnomalous, ledger.Threat, batchSize: context.BatchSize, cancellation: context.Cancellation);
            attack.Run(new AttackContext(source, own, context.Streams, context.BatchSize, context.Cancellation) { Progress = context.Progress, Pace = context.Pace });
            context.ForEachBatch($"{Name}/{attack.Name}", ledger.OpenImages(), batch =>
            {
                using Tensor found = own.WorstImages(batch.Images);
                using Tensor points = found.to(batch.Clean.dtype).to(batch.Clean.device);
                using Tensor objective = batch.Evaluate(points, restart: 0, step: 0);
            });
        }
    }

    /// <summary>What runs against which detector.</summary>
    public override string ToString() => $"transfer from {source.Name}: {string.Join(' ', attacks)}";
}
