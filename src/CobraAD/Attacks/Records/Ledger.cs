using CobraAD.Detection;
using CobraAD.Torch;
using CobraAD.Torch.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Records;

/// <summary>
/// The worst case of every image of a test set, over everything any attack evaluated.
/// </summary>
/// <remarks>
/// <para>
/// With y = +1 for normal and -1 for anomalous images the attacker maximises J(x') = y·A(x') for each image by itself. Every pair
/// (normal, anomaly) can then only become worse for the detector, so the per-image maximum minimises AUROC and average precision and
/// maximises FPR95 over all candidates at once, without a threshold. The clean image is a candidate.
/// </para>
/// <para>
/// An attack reads it and never writes: what it evaluates through an <see cref="AttackBatch"/> is recorded when the batch is done.
/// <see cref="Ranks"/> says from its scores which images are still worth attacking.
/// </para>
/// </remarks>
/// <example>
/// The image that an attack harmed most, and who found it:
/// <code>
/// int image = Enumerable.Range(0, ledger.Count).MaxBy(i => Math.Abs(ledger.WorstScores[i] - ledger.CleanScores[i]));
/// using Tensor attacked = ledger.WorstImages([image]);
/// Console.WriteLine($"{image}: {ledger[image].CleanScore} became {ledger[image].WorstScore} by {ledger[image].FoundBy}");
/// </code>
/// </example>
public sealed class Ledger : IDisposable
{
    internal const string NoAttack = "clean";

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

    private Ledger(Tensor clean, bool[] isAnomalous, double[] cleanScores, ThreatModel threat, CandidateRule rule, int first = 0, Tensor? points = null)
    {
        this.clean = clean.alias().DetachFromDisposeScope();
        worst = (points ?? LargeRows.Copy(clean)).DetachFromDisposeScope();
        First = first;
        Held = (int)clean.size(0);
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

    /// <summary>
    /// A ledger that holds some consecutive images of a test set and knows the scores of all: what is decided by ranks, and what an image draws, is what it
    /// would be in the ledger of all.
    /// </summary>
    /// <param name="clean">The untouched images that are held.</param>
    /// <param name="first">Index of the first of them among all.</param>
    /// <param name="isAnomalous">The label of each image of the test set.</param>
    /// <param name="cleanScores">The score of each image of the test set.</param>
    /// <param name="threat">What the attacker may do.</param>
    /// <param name="rule">Which candidates count.</param>
    internal static Ledger OfPart(Tensor clean, int first, bool[] isAnomalous, double[] cleanScores, ThreatModel threat, CandidateRule rule) =>
        new(clean, isAnomalous, cleanScores, threat, rule, first);

    /// <summary>The ledger of a whole test set from what was recorded of its parts.</summary>
    /// <param name="clean">The untouched images.</param>
    /// <param name="points">The recorded points; taken over, and not written to.</param>
    /// <param name="isAnomalous">The label of each image.</param>
    /// <param name="entries">The record of each image.</param>
    /// <param name="threat">What the attacker may do.</param>
    /// <param name="rule">Which candidates count.</param>
    internal static Ledger Joined(Tensor clean, Tensor points, bool[] isAnomalous, IReadOnlyList<LedgerEntry> entries, ThreatModel threat, CandidateRule rule)
    {
        Ledger whole = new(clean, isAnomalous, [.. entries.Select(entry => entry.CleanScore)], threat, rule, 0, points);
        for (int image = 0; image < entries.Count; image++) whole.Note(image, entries[image]);
        return whole;
    }

    /// <summary>What the attacker may do.</summary>
    public ThreatModel Threat { get; }

    /// <summary>Which candidates count.</summary>
    public CandidateRule Rule { get; }

    /// <summary>Number of images.</summary>
    public int Count => isAnomalous.Length;

    /// <summary>Index of the first image that is held; 0 where all are.</summary>
    internal int First { get; }

    /// <summary>How many images are held; all, but in the ledger of a part.</summary>
    internal int Held { get; }

    /// <summary>The images that are held.</summary>
    internal IEnumerable<int> Images => Enumerable.Range(First, Held);

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

    /// <summary>The recorded points of all images that are held [N, 3, H, W] on the CPU; they change as attacks record, and belong to the ledger.</summary>
    internal Tensor Points => worst;

    /// <summary>The untouched images of those that are held, as they belong to <see cref="Points"/>; nobody else's to dispose or to write to.</summary>
    internal Tensor Untouched => clean;

    /// <summary>The untouched images; the caller disposes the tensor.</summary>
    /// <param name="images">Indices.</param>
    /// <returns>[n, 3, H, W] on the CPU.</returns>
    public Tensor CleanImages(IReadOnlyList<int> images) => Select(clean, images);

    /// <summary>The recorded points; the caller disposes the tensor.</summary>
    /// <param name="images">Indices.</param>
    /// <returns>[n, 3, H, W] on the CPU.</returns>
    public Tensor WorstImages(IReadOnlyList<int> images) => Select(worst, images);

    /// <summary>A ledger over some of the images, in which nothing was attacked yet.</summary>
    internal Ledger Subset(IReadOnlyList<int> images)
    {
        using Tensor chosen = CleanImages(images);
        return new Ledger(chosen, [.. images.Select(i => isAnomalous[i])], [.. images.Select(i => cleanScores[i])], Threat, Rule);
    }

    /// <summary>A ledger over the same images in which nothing was attacked yet.</summary>
    internal Ledger Fresh() => new(clean, isAnomalous, cleanScores, Threat, Rule, First);

    /// <summary>Goes back to the untouched images, as if nothing had been attacked.</summary>
    internal void Forget()
    {
        RestoreClean(Images);
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
        List<int> improvedImages = [];
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
        worst.index_copy_(0, Indices(improvedImages), points);
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

        Take(better, other.WorstImages);
    }

    /// <summary>y·A: what the attacker raises.</summary>
    internal double Harm(int image, double score) => isAnomalous[image] ? -score : score;

    /// <summary>Puts the untouched image back in the place of a point that does not count; says how many.</summary>
    internal int RestoreClean(IEnumerable<int> images)
    {
        int[] chosen = [.. images];
        foreach (int i in chosen)
        {
            worstScores[i] = cleanScores[i];
            foundBy[i] = NoAttack;
            restarts[i] = steps[i] = 0;
        }

        Take(chosen, CleanImages);
        return chosen.Length;
    }

    /// <summary>Takes over points of images, some at a time: all of them may be more than memory holds.</summary>
    private void Take(IReadOnlyList<int> images, Func<IReadOnlyList<int>, Tensor> points)
    {
        foreach (int[] some in images.Chunk(BatchedPass.Size))
        {
            using DisposeScope scope = NewDisposeScope();
            worst.index_copy_(0, Indices(some), points(some));
        }
    }

    /// <summary>Replaces the score of a recorded point by the one that a fresh pass computed.</summary>
    internal void Rescore(int image, double score) => worstScores[image] = score;

    /// <summary>Sets all that is recorded of one image, as read from a state file.</summary>
    /// <param name="image">Its index.</param>
    /// <param name="entry">Its record.</param>
    /// <param name="point">Its recorded point [1, 3, H, W].</param>
    internal void Restore(int image, LedgerEntry entry, Tensor point)
    {
        Note(image, entry);
        using Tensor index = Indices([image]);
        worst.index_copy_(0, index, point);
    }

    private void Note(int image, LedgerEntry entry)
    {
        worstScores[image] = entry.WorstScore;
        foundBy[image] = entry.FoundBy;
        restarts[image] = entry.Restart;
        steps[image] = entry.Step;
        forwards[image] = entry.ForwardPasses;
        backwards[image] = entry.BackwardPasses;
        unusable[image] = entry.UnusableGradients;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        clean.Dispose();
        worst.Dispose();
    }

    /// <summary>The rows of images in the tensors.</summary>
    private Tensor Indices(IEnumerable<int> images) => tensor(images.Select(i => (long)(i - First)).ToArray());

    private Tensor Select(Tensor from, IReadOnlyList<int> images)
    {
        using Tensor index = Indices(images);
        return from.index_select(0, index);
    }
}
