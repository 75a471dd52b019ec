using CobraAD.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Composite;

/// <summary>
/// Directions w in the space of the detector's outputs u that A³ starts along, by raising w·u(x). What worked is remembered by rank: an
/// image's own nearest output comes first, then its runner-ups, whatever their index.
/// </summary>
internal sealed class AdaptiveDirections
{
    private readonly int outputs;
    private readonly int[][] ranking;
    private readonly double[] scale;
    private readonly double[] normalSuccess;
    private readonly double[] anomalySuccess;

    private AdaptiveDirections(int outputs, int[][] ranking, double[] scale)
    {
        this.outputs = outputs;
        this.ranking = ranking;
        this.scale = scale;
        normalSuccess = new double[outputs];
        anomalySuccess = new double[outputs];
    }

    /// <summary>Looks at the clean images' outputs; <see langword="null"/> when the detector has none.</summary>
    public static AdaptiveDirections? Create(AttackContext context)
    {
        int count = context.Ledger.Count;
        double[] all = context.Decide("a3 outputs", () => Outputs(context));
        if (all.Length == 0) return null;
        int outputs = all.Length / count;
        double[] scale = new double[outputs];
        for (int j = 0; j < outputs; j++)
        {
            double[] column = [.. Enumerable.Range(0, count).Select(i => all[i * outputs + j])];
            double mean = column.Average();
            double deviation = Math.Sqrt(column.Average(value => (value - mean) * (value - mean)));
            scale[j] = deviation > 0 ? 1 / deviation : 0;
        }

        int[][] ranking = [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, outputs).OrderByDescending(j => all[i * outputs + j]).ToArray())];
        return new AdaptiveDirections(outputs, ranking, scale);
    }

    /// <summary>
    /// A direction for each image, by rank: uniform in [-1, 1] at first; from the second time on the own output leans to the side that
    /// worked, and one runner-up (another each round) goes there with ±0.8.
    /// </summary>
    public double[] Draw(AttackContext context, int[] images, int round, bool late)
    {
        double[] weights = new double[images.Length * outputs];
        int runnerUp = outputs > 1 ? 1 + round % (outputs - 1) : 0;
        for (int row = 0; row < images.Length; row++)
        {
            Random random = new((int)(context.Streams.Derive("a3 direction", images[row], round) & int.MaxValue));
            Span<double> own = weights.AsSpan(row * outputs, outputs);
            foreach (ref double weight in own) weight = 2 * random.NextDouble() - 1;
            if (round < 2) continue;
            double[] success = Success(context.Ledger.IsAnomalous[images[row]]);
            double lean = late ? 0.9 * random.NextDouble() - 0.1 : 0.6 * random.NextDouble() - 0.1;
            own[0] = Math.Sign(success[0]) * lean;
            if (outputs > 1) own[runnerUp] = 0.8 * (success[runnerUp] < 0 ? -1 : 1);
        }

        return weights;
    }

    /// <summary>The weights of a batch's images in output order, scaled to outputs of unit spread: [B, m].</summary>
    public Tensor Rows(double[] weights, int[] images, AttackBatch batch)
    {
        double[] rows = new double[batch.Images.Count * outputs];
        for (int row = 0; row < batch.Images.Count; row++)
        {
            int image = batch.Images[row];
            int place = Array.IndexOf(images, image);
            for (int rank = 0; rank < outputs; rank++)
            {
                int output = ranking[image][rank];
                rows[row * outputs + output] = weights[place * outputs + rank] * scale[output];
            }
        }

        return tensor(rows, [batch.Images.Count, outputs], ScalarType.Float64, batch.Clean.device).to(batch.Clean.dtype);
    }

    /// <summary>Adds a round's directions to what worked, weighted by what each gained.</summary>
    public void Learn(double[] weights, int[] images, double[] gains, IReadOnlyList<bool> isAnomalous)
    {
        for (int row = 0; row < images.Length; row++)
        {
            double[] success = Success(isAnomalous[images[row]]);
            for (int rank = 0; rank < outputs; rank++) success[rank] += gains[row] * weights[row * outputs + rank];
        }
    }

    private double[] Success(bool anomalous) => anomalous ? anomalySuccess : normalSuccess;

    private static double[] Outputs(AttackContext context)
    {
        List<double> all = [];
        using IDisposable noGradient = no_grad();
        for (int start = 0; start < context.Ledger.Count; start += context.BatchSize)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            int[] images = [.. Enumerable.Range(start, Math.Min(context.BatchSize, context.Ledger.Count - start))];
            Tensor? outputs = context.Detector.Outputs(context.Ledger.CleanImages(images).to(context.Detector.Device));
            if (outputs is null) return [];
            all.AddRange(FiniteScore.ToDoubles(outputs));
            context.Ledger.Charge(images, forwards: 1);
        }

        return [.. all];
    }
}
