using CobraAD.Attacks;
using CobraAD.Attacks.Records;
using CobraAD.Evaluation.Metrics;

namespace CobraAD.Evaluation.Audit;

/// <summary>One attack that an audit ran by itself, its points checked and scored again.</summary>
internal sealed record Trial(IAttack Attack, Ledger Ledger, LedgerCheck Audit, TimeSpan Duration) : IDisposable
{
    public double Auroc { get; } = DetectionMetrics.Compute(Ledger.WorstScores, Ledger.IsAnomalous).Auroc;

    /// <summary>J = y·A: what the attacker raised each image to.</summary>
    public double[] Objectives { get; } = [.. Ledger.WorstScores.Select((score, i) => Ledger.IsAnomalous[i] ? -score : score)];

    public void Dispose() => Ledger.Dispose();
}
