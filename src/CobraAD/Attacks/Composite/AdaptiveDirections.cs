using CobraAD.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Composite;

/// <summary>
/// Directions w in the space of the detector's outputs u that A³ starts along, by raising w·u(x). The outputs are those that relate an image to the
/// items nearest to it, so what worked is remembered by rank: the nearest item first, then its runner-ups, whatever they are.
/// </summary>
internal sealed class AdaptiveDirections
{
    private const int MostOutputs = 10;

    private readonly int outputs;
    private readonly long[] items;
    private readonly double[] scale;
    private readonly double[] normalSuccess;
    private readonly double[] anomalySuccess;

    private AdaptiveDirections(int outputs, long[] items, double[] scale)
    {
        this.outputs = outputs;
        this.items = items;
        this.scale = scale;
        normalSuccess = new double[outputs];
        anomalySuccess = new double[outputs];
    }

    /// <summary>Looks at the clean images' nearest items; <see langword="null"/> when the detector has none.</summary>
    public static AdaptiveDirections? Create(AttackContext context)
    {
        int count = context.Ledger.Count;
        double[] found = context.Decide("a3 nearest", () => Nearest(context));
        if (found.Length == 0) return null;
        int outputs = found.Length / 2 / count;
        double[] values = found[(outputs * count)..], scale = new double[outputs];
        for (int j = 0; j < outputs; j++)
        {
            double[] column = [.. Enumerable.Range(0, count).Select(i => values[i * outputs + j])];
            double mean = column.Average();
            double deviation = Math.Sqrt(column.Average(value => (value - mean) * (value - mean)));
            scale[j] = deviation > 0 ? 1 / deviation : 0;
        }

        return new AdaptiveDirections(outputs, [.. found.Take(outputs * count).Select(item => (long)item)], scale);
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

    /// <summary>w·u of a batch's images, the outputs scaled to unit spread: what to raise. Its tensors belong to the caller's scope.</summary>
    public Func<Tensor, Tensor> For(double[] weights, int[] images, AttackBatch batch)
    {
        int[] places = [.. batch.Images.Select(image => Array.IndexOf(images, image))];
        double[] scaled = [.. places.SelectMany(place => Enumerable.Range(0, outputs).Select(rank => weights[place * outputs + rank] * scale[rank]))];
        long[] own = [.. batch.Images.SelectMany(image => items.Skip(image * outputs).Take(outputs))];
        long[] shape = [batch.Images.Count, outputs];
        Tensor w = tensor(scaled, shape, ScalarType.Float64, batch.Clean.device), nearest = tensor(own, shape, ScalarType.Int64, batch.Clean.device);
        return points => (batch.Detector.Outputs(points, nearest) * w).sum(1);
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

    /// <summary>The items nearest to each image, and then its outputs to them; empty when the detector has none.</summary>
    private static double[] Nearest(AttackContext context)
    {
        List<double> items = [], outputs = [];
        using IDisposable noGradient = no_grad();
        for (int start = 0; start < context.Ledger.Count; start += context.BatchSize)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            int[] images = [.. Enumerable.Range(start, Math.Min(context.BatchSize, context.Ledger.Count - start))];
            Tensor batch = context.Ledger.CleanImages(images).to(context.Detector.Device);
            if (context.Detector.NearestItems(batch, MostOutputs) is not { } nearest) return [];
            items.AddRange(FiniteScore.ToDoubles(nearest));
            outputs.AddRange(FiniteScore.ToDoubles(context.Detector.Outputs(batch, nearest)));
            context.Ledger.Charge(images, forwards: 2);
        }

        return [.. items, .. outputs];
    }
}
