using CobraAD.Attacks;
using CobraAD.Attacks.Records;
using CobraAD.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Robustness;

/// <summary>Finds the radius at which each image crosses the threshold, from the points that evaluations under growing radii recorded.</summary>
internal sealed class FlipSearch(IAnomalyDetector detector, double threshold, int batchSize, CancellationToken cancellation)
{
    private const int Bisections = 10;

    /// <summary>One radius for each image; 0 for one that is wrong untouched, <see langword="null"/> for one that never crosses.</summary>
    public double?[] Run(IReadOnlyList<RobustnessResult> results)
    {
        double?[] flips = new double?[results[0].IsAnomalous.Count];
        double smaller = 0;
        foreach (Ledger ledger in results.Select(result => result.Ledger))
        {
            int[] crossed = [.. Enumerable.Range(0, flips.Length).Where(i => flips[i] is null && IsWrong(ledger, i, ledger.WorstScores[i]))];
            foreach (int image in crossed.Where(i => IsWrong(ledger, i, ledger.CleanScores[i]))) flips[image] = 0;
            foreach (int[] rows in crossed.Where(i => flips[i] is null).Chunk(batchSize))
            {
                cancellation.ThrowIfCancellationRequested();
                double[] radii = Refine(ledger, rows, smaller);
                for (int row = 0; row < rows.Length; row++) flips[rows[row]] = radii[row];
            }

            smaller = ledger.Threat.Epsilon;
        }

        return flips;
    }

    private bool IsWrong(Ledger ledger, int image, double score) => score > threshold != ledger.IsAnomalous[image];

    // On the segment from the untouched image to the point that crossed: both are admissible, and so is everything between them.
    private double[] Refine(Ledger ledger, int[] rows, double smaller)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor clean = ledger.CleanImages(rows).to(detector.Device);
        Tensor path = ledger.WorstImages(rows).to(detector.Device) - clean;
        Tensor distance = new Ball(ledger.Threat, clean).Distance(clean + path);
        Tensor anomalous = tensor(rows.Select(i => ledger.IsAnomalous[i]).ToArray(), device: detector.Device);
        Tensor low = (smaller / distance).clamp_max(1), high = ones_like(distance);
        for (int i = 0; i < Bisections; i++)
        {
            Tensor middle = (low + high) / 2;
            Tensor score = FiniteScore.Of(detector, clean + path * Ball.PerRow(middle, path).to(path.dtype));
            Tensor isFlipped = score.gt(threshold).ne(anomalous);
            (low, high) = (where(isFlipped, low, middle), where(isFlipped, middle, high));
        }

        return [.. FiniteScore.ToDoubles(high * distance).Select(radius => Math.Min(radius, ledger.Threat.Epsilon))];
    }
}
