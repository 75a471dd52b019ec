using CobraAD.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Records;

/// <summary>
/// The worst case of every image of a test set, over everything any attack evaluated.
/// </summary>
/// <remarks>
/// With y = +1 for normal and -1 for anomalous images the attacker maximises J(x') = y·A(x') for each image by itself. Every pair
/// (normal, anomaly) can then only become worse for the detector, so the per-image maximum minimises AUROC and average precision and
/// maximises FPR95 over all candidates at once, without a threshold. The clean image is a candidate.
/// </remarks>
public sealed class Ledger : IDisposable
{
    private const string NoAttack = "clean";
    private const int FormatVersion = 1;

    private readonly Tensor clean;
    private readonly Tensor worst;
    private readonly bool[] isAnomalous;
    private readonly double[] cleanScores;
    private readonly double[] worstScores;
    private readonly string[] foundBy;
    private readonly int[] restarts;
    private readonly int[] steps;
    private readonly long[] forwards;
    private readonly long[] backwards;
    private readonly long[] unusable;

    private Ledger(Tensor clean, bool[] isAnomalous, double[] cleanScores, ThreatModel threat, CandidateRule rule)
    {
        this.clean = clean.alias().DetachFromDisposeScope();
        worst = clean.clone().DetachFromDisposeScope();
        this.isAnomalous = isAnomalous;
        this.cleanScores = cleanScores;
        worstScores = [.. cleanScores];
        foundBy = [.. Enumerable.Repeat(NoAttack, isAnomalous.Length)];
        restarts = new int[isAnomalous.Length];
        steps = new int[isAnomalous.Length];
        forwards = new long[isAnomalous.Length];
        backwards = new long[isAnomalous.Length];
        unusable = new long[isAnomalous.Length];
        Threat = threat;
        Rule = rule;
    }

    /// <summary>Opens a ledger: scores the clean images and records them as the first candidates.</summary>
    /// <param name="detector">The detector under attack.</param>
    /// <param name="clean">The test images [N, 3, H, W] in [0, 1] on the CPU; the ledger keeps a reference to their memory.</param>
    /// <param name="isAnomalous">The label of each image.</param>
    /// <param name="threat">What the attacker may do.</param>
    /// <param name="rule">Which candidates count.</param>
    /// <param name="batchSize">Images in one pass.</param>
    /// <param name="cancellation">Stops between passes.</param>
    /// <exception cref="ArgumentException">The number of labels differs from the number of images.</exception>
    /// <exception cref="InvalidOperationException">The detector returned NaN, an infinity, or not one score for each image.</exception>
    public static Ledger Open(
        IAnomalyDetector detector, Tensor clean, IReadOnlyList<bool> isAnomalous, ThreatModel threat,
        CandidateRule rule = CandidateRule.WorstCase, int batchSize = 64, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(clean);
        ArgumentNullException.ThrowIfNull(isAnomalous);
        ArgumentNullException.ThrowIfNull(threat);
        threat.Validate();
        if (clean.dim() != 4 || clean.size(0) != isAnomalous.Count)
        {
            throw new ArgumentException(
                $"Expected images [{isAnomalous.Count}, 3, H, W], one for each label, found [{string.Join(", ", clean.shape)}].", nameof(clean));
        }

        double[] scores = FiniteScore.OfAll(detector, clean, batchSize, cancellation);
        int[] broken = [.. Enumerable.Range(0, scores.Length).Where(i => !double.IsFinite(scores[i]))];
        if (broken.Length > 0) throw FiniteScore.NotFinite(detector, broken, "before any attack");
        return new Ledger(clean, [.. isAnomalous], scores, threat, rule);
    }

    /// <summary>What the attacker may do.</summary>
    public ThreatModel Threat { get; }

    /// <summary>Which candidates count.</summary>
    public CandidateRule Rule { get; }

    /// <summary>Number of images.</summary>
    public int Count => isAnomalous.Length;

    /// <summary>The label of each image.</summary>
    public IReadOnlyList<bool> IsAnomalous => isAnomalous;

    /// <summary>The score of each untouched image.</summary>
    public IReadOnlyList<double> CleanScores => cleanScores;

    /// <summary>The score of each image's recorded point.</summary>
    public IReadOnlyList<double> WorstScores => worstScores;

    /// <summary>All that is recorded of one image.</summary>
    /// <param name="image">Its index.</param>
    public LedgerEntry this[int image] => new(
        cleanScores[image], worstScores[image], foundBy[image], restarts[image], steps[image], forwards[image], backwards[image], unusable[image]);

    /// <summary>Forward passes over all images.</summary>
    public long ForwardPasses => forwards.Sum();

    /// <summary>Backward passes over all images.</summary>
    public long BackwardPasses => backwards.Sum();

    /// <summary>Gradients that were zero or not finite, over all images.</summary>
    public long UnusableGradients => unusable.Sum();

    /// <summary>The untouched images; the caller disposes the tensor.</summary>
    /// <param name="images">Indices.</param>
    /// <returns>[n, 3, H, W] on the CPU.</returns>
    public Tensor CleanImages(IReadOnlyList<int> images) => Select(clean, images);

    /// <summary>The recorded points; the caller disposes the tensor.</summary>
    /// <param name="images">Indices.</param>
    /// <returns>[n, 3, H, W] on the CPU.</returns>
    public Tensor WorstImages(IReadOnlyList<int> images) => Select(worst, images);

    /// <summary>
    /// The images that more attacks could still matter for. The others are rank-broken: a normal image above every anomaly, or an
    /// anomaly below every normal image. The opposite class can only move further in the attacker's favour, so nothing found for a
    /// rank-broken image changes any rank metric.
    /// </summary>
    public int[] OpenImages()
    {
        // The rule needs scores that only move one way.
        if (Rule == CandidateRule.LastIterate) return [.. Enumerable.Range(0, Count)];
        // With one class only there is nothing to rank against: every image stays open.
        double highestAnomaly = ScoresOf(anomalous: true).DefaultIfEmpty(double.PositiveInfinity).Max();
        double lowestNormal = ScoresOf(anomalous: false).DefaultIfEmpty(double.NegativeInfinity).Min();
        return [.. Enumerable.Range(0, Count).Where(i => isAnomalous[i] ? worstScores[i] >= lowestNormal : worstScores[i] <= highestAnomaly)];

        IEnumerable<double> ScoresOf(bool anomalous) => worstScores.Where((_, i) => isAnomalous[i] == anomalous);
    }

    /// <summary>
    /// R_i: the share of the other class that each image is still ranked correctly against. Its mean over one class is the AUROC,
    /// ties counted as wrong.
    /// </summary>
    public double[] RankShares() => SharesBeyond(worstScores, worstScores);

    /// <summary>
    /// How much R_i each image would lose if the attacker moved its score further by some amount: where more effort pays most.
    /// </summary>
    /// <param name="improvement">A plausible further change of a score.</param>
    public double[] PossibleGains(double improvement)
    {
        double[] moved = [.. worstScores.Select((score, i) => isAnomalous[i] ? score - improvement : score + improvement)];
        return [.. SharesBeyond(worstScores, worstScores).Zip(SharesBeyond(moved, worstScores), (now, then) => now - then)];
    }

    /// <summary>The share of the other class that lies beyond each score: above it for a normal image, below it for an anomaly.</summary>
    private double[] SharesBeyond(double[] scores, double[] others)
    {
        double[] normals = [.. others.Where((_, i) => !isAnomalous[i]).Order()];
        double[] anomalies = [.. others.Where((_, i) => isAnomalous[i]).Order()];
        return
        [
            .. scores.Select((score, i) => isAnomalous[i]
                ? CountBelow(normals, score, orEqual: false) / (double)Math.Max(1, normals.Length)
                : (anomalies.Length - CountBelow(anomalies, score, orEqual: true)) / (double)Math.Max(1, anomalies.Length)),
        ];

        static int CountBelow(double[] sorted, double score, bool orEqual)
        {
            int low = 0, high = sorted.Length;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (sorted[middle] < score || (orEqual && sorted[middle] == score)) low = middle + 1;
                else high = middle;
            }

            return low;
        }
    }

    /// <summary>A ledger over some of the images, in which nothing was attacked yet.</summary>
    internal Ledger Subset(IReadOnlyList<int> images)
    {
        using Tensor chosen = CleanImages(images);
        return new Ledger(chosen, [.. images.Select(i => isAnomalous[i])], [.. images.Select(i => cleanScores[i])], Threat, Rule);
    }

    /// <summary>A ledger over the same images in which nothing was attacked yet.</summary>
    internal Ledger Fresh() => new(clean, isAnomalous, cleanScores, Threat, Rule);

    /// <summary>Goes back to the untouched images, as if nothing had been attacked.</summary>
    internal void Forget()
    {
        RestoreClean(Enumerable.Range(0, Count));
        Array.Clear(forwards);
        Array.Clear(backwards);
        Array.Clear(unusable);
    }

    /// <summary>Records what a batch found and what it cost.</summary>
    internal void Record(AttackBatch batch, string attack)
    {
        using DisposeScope scope = NewDisposeScope();
        AttackBatch.Findings findings = batch.Collect();
        List<long> improvedRows = [];
        List<long> improvedImages = [];
        for (int row = 0; row < batch.Images.Count; row++)
        {
            int image = batch.Images[row];
            forwards[image] += findings.Forwards;
            backwards[image] += findings.Backwards;
            unusable[image] += findings.Unusable[row];
            if (findings.Steps[row] < 0) continue;
            worstScores[image] = isAnomalous[image] ? -findings.Objectives[row] : findings.Objectives[row];
            foundBy[image] = attack;
            restarts[image] = (int)findings.Restarts[row];
            steps[image] = (int)findings.Steps[row];
            improvedRows.Add(row);
            improvedImages.Add(image);
        }

        if (improvedRows.Count == 0) return;
        Tensor points = findings.Points.index_select(0, tensor(improvedRows.ToArray(), device: findings.Points.device)).to(worst.dtype).cpu();
        worst.index_copy_(0, tensor(improvedImages.ToArray()), points);
    }

    /// <summary>Counts forward passes that were made outside of a batch.</summary>
    internal void Charge(IReadOnlyList<int> images, int forwards)
    {
        foreach (int image in images) this.forwards[image] += forwards;
    }

    /// <summary>Counts the passes of a trial on some of the images; what it found does not count.</summary>
    internal void Charge(IReadOnlyList<int> images, Ledger trial)
    {
        for (int i = 0; i < images.Count; i++)
        {
            forwards[images[i]] += trial.forwards[i];
            backwards[images[i]] += trial.backwards[i];
        }
    }

    /// <summary>
    /// Takes over whatever another ledger of the same images found that is worse; its radius must not be larger. The cost comes along or,
    /// when it was counted elsewhere, not.
    /// </summary>
    internal void Absorb(Ledger other, bool withCost)
    {
        using DisposeScope scope = NewDisposeScope();
        List<int> better = [];
        for (int i = 0; i < Count; i++)
        {
            if (withCost)
            {
                forwards[i] += other.forwards[i];
                backwards[i] += other.backwards[i];
                unusable[i] += other.unusable[i];
            }

            if (Harm(i, other.worstScores[i]) <= Harm(i, worstScores[i]) && (Rule == CandidateRule.WorstCase || foundBy[i] != NoAttack)) continue;
            worstScores[i] = other.worstScores[i];
            foundBy[i] = other.foundBy[i];
            restarts[i] = other.restarts[i];
            steps[i] = other.steps[i];
            better.Add(i);
        }

        if (better.Count > 0) worst.index_copy_(0, Indices(better), other.WorstImages(better));
    }

    /// <summary>
    /// Recomputes the score of every recorded point in a fresh pass without gradients, through the detector's public score and in the
    /// batches of the clean pass, and checks distance, range and NaN. Afterwards <see cref="WorstScores"/> are the recomputed ones.
    /// </summary>
    internal LedgerCheck Verify(IAnomalyDetector detector, int batchSize, CancellationToken cancellation)
    {
        bool[] inside = new bool[Count];
        double largestDistance = 0;
        for (int start = 0; start < Count; start += batchSize)
        {
            using DisposeScope scope = NewDisposeScope();
            int size = Math.Min(batchSize, Count - start);
            Ball ball = new(Threat, clean.narrow(0, start, size));
            Tensor points = worst.narrow(0, start, size);
            ball.Contains(points).data<bool>().ToArray().CopyTo(inside, start);
            largestDistance = Math.Max(largestDistance, ball.Distance(points).max().item<double>());
        }

        int rejected = RestoreClean(Enumerable.Range(0, Count).Where(i => !inside[i]));
        double[] fresh = FiniteScore.OfAll(detector, worst, batchSize, cancellation);
        double largestDifference = 0;
        List<int> weakened = [];
        for (int i = 0; i < Count; i++)
        {
            if (!double.IsFinite(fresh[i])) throw FiniteScore.NotFinite(detector, [i], "in the final audit");
            largestDifference = Math.Max(largestDifference, Math.Abs(fresh[i] - worstScores[i]));
            worstScores[i] = fresh[i];
            if (Rule == CandidateRule.WorstCase && Harm(i, fresh[i]) < Harm(i, cleanScores[i])) weakened.Add(i);
        }

        RestoreClean(weakened);
        return new LedgerCheck(largestDistance, largestDifference, rejected, weakened.Count);
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(FormatVersion);
        writer.Write(Count);
        for (int i = 0; i < Count; i++)
        {
            writer.Write(worstScores[i]);
            writer.Write(foundBy[i]);
            writer.Write(restarts[i]);
            writer.Write(steps[i]);
            writer.Write(forwards[i]);
            writer.Write(backwards[i]);
            writer.Write(unusable[i]);
            if (foundBy[i] == NoAttack) continue;
            // Image by image: a tensor's span is limited to 2 GiB.
            using Tensor point = worst[i].contiguous();
            writer.Write(point.bytes);
        }
    }

    internal void Read(BinaryReader reader)
    {
        int version = reader.ReadInt32();
        if (version != FormatVersion) throw new InvalidDataException($"Expected ledger format {FormatVersion}, found {version}.");
        int count = reader.ReadInt32();
        if (count != Count) throw new InvalidDataException($"Expected a ledger of {Count} images, found {count}.");
        for (int i = 0; i < count; i++)
        {
            worstScores[i] = reader.ReadDouble();
            foundBy[i] = reader.ReadString();
            restarts[i] = reader.ReadInt32();
            steps[i] = reader.ReadInt32();
            forwards[i] = reader.ReadInt64();
            backwards[i] = reader.ReadInt64();
            unusable[i] = reader.ReadInt64();
            if (foundBy[i] == NoAttack) continue;
            using Tensor point = worst[i];
            reader.BaseStream.ReadExactly(point.bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        clean.Dispose();
        worst.Dispose();
    }

    private double Harm(int image, double score) => isAnomalous[image] ? -score : score;

    private int RestoreClean(IEnumerable<int> images)
    {
        using DisposeScope scope = NewDisposeScope();
        int[] chosen = [.. images];
        if (chosen.Length == 0) return 0;
        foreach (int i in chosen)
        {
            worstScores[i] = cleanScores[i];
            foundBy[i] = NoAttack;
            restarts[i] = steps[i] = 0;
        }

        worst.index_copy_(0, Indices(chosen), CleanImages(chosen));
        return chosen.Length;
    }

    private static Tensor Indices(IEnumerable<int> images) => tensor(images.Select(i => (long)i).ToArray());

    private static Tensor Select(Tensor from, IReadOnlyList<int> images)
    {
        using Tensor index = Indices(images);
        return from.index_select(0, index);
    }
}
