using CobraAD.Attacks;
using CobraAD.Attacks.Records;
using CobraAD.Detection;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks;

/// <summary>Runs one attack over a few images and hands out the ledger.</summary>
internal static class AttackTrial
{
    public static Ledger Run(
        IAttack attack, IAnomalyDetector detector, Tensor images, bool[] isAnomalous, ThreatModel threat,
        int batchSize = 64, long seed = 0, CandidateRule rule = CandidateRule.WorstCase)
    {
        Ledger ledger = Ledger.Open(detector, images, isAnomalous, threat, rule, batchSize);
        attack.Run(new AttackContext(detector, ledger, new RandomStreams(seed), batchSize));
        return ledger;
    }

    /// <summary>
    /// Attacks the images as normal ones and again as anomalous ones, and hands out both ledgers. With one class only no image is ever
    /// rank-broken, so every image is attacked to the end.
    /// </summary>
    public static Ledger[] RunBothWays(IAttack attack, IAnomalyDetector detector, Tensor images, ThreatModel threat, int batchSize = 64) =>
    [
        .. new[] { false, true }.Select(anomalous => Run(attack, detector, images, [.. Enumerable.Repeat(anomalous, (int)images.size(0))], threat, batchSize)),
    ];

    /// <summary>How far the attacker got with one image, in the attacker's direction.</summary>
    public static double Gain(this LedgerEntry entry) => Math.Abs(entry.WorstScore - entry.CleanScore);

    /// <summary>Images in [low, high], the same for the same seed.</summary>
    public static Tensor Images(int count, int side = 4, double low = 0, double high = 1, ScalarType type = ScalarType.Float64, long seed = 1)
    {
        using Generator rng = new((ulong)seed, CPU);
        return (rand([count, 3, side, side], generator: rng) * (high - low) + low).to(type);
    }

    /// <summary>Every second image is anomalous.</summary>
    public static bool[] Alternating(int count) => [.. Enumerable.Range(0, count).Select(i => i % 2 == 1)];

    /// <summary>Fixed weights without zeros for one image.</summary>
    public static Tensor Weights(int side = 4, long seed = 5)
    {
        using Generator rng = new((ulong)seed, CPU);
        Tensor weights = randn([3, side, side], generator: rng, dtype: ScalarType.Float64);
        return weights + weights.sign() * 0.05;
    }
}
