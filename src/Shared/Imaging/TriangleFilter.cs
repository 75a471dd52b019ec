using System.Numerics;
using System.Numerics.Tensors;

namespace CobraAD.Imaging;

/// <summary>
/// Resampling along one axis. Target pixel i sees source pixel j with weight max(0, 1 - |j + ½ - c| / s), where c = (i + ½) · source / target
/// and s = max(1, source / target); the weights inside the image are scaled to sum to 1.
/// </summary>
internal sealed class TriangleFilter
{
    private readonly int source;
    private readonly int[] first;
    private readonly float[][] weights;

    public TriangleFilter(int source, int target)
    {
        this.source = source;
        double scale = (double)source / target;
        double support = Math.Max(1, scale);
        first = new int[target];
        weights = new float[target][];
        for (int i = 0; i < target; i++)
        {
            double center = (i + 0.5) * scale;
            int start = Math.Max(0, (int)Math.Ceiling(center - support - 0.5));
            int end = Math.Min(source - 1, (int)Math.Floor(center + support - 0.5));
            double[] triangle = new double[end - start + 1];
            for (int j = start; j <= end; j++) triangle[j - start] = Math.Max(0, 1 - Math.Abs(j + 0.5 - center) / support);
            double sum = triangle.Sum();
            first[i] = start;
            weights[i] = [.. triangle.Select(weight => (float)(weight / sum))];
        }
    }

    /// <summary>Whether this filter is for these sizes.</summary>
    public bool Joins(int source, int target) => this.source == source && first.Length == target;

    /// <summary>Filters one line of pixels.</summary>
    public void Filter<T>(ReadOnlySpan<T> source, Span<float> target)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (int i = 0; i < target.Length; i++)
        {
            float[] weight = weights[i];
            ReadOnlySpan<T> seen = source.Slice(first[i], weight.Length);
            float sum = 0;
            for (int j = 0; j < weight.Length; j++) sum += weight[j] * float.CreateTruncating(seen[j]);
            target[i] = sum;
        }
    }

    /// <summary>Adds source row <paramref name="index"/> to every target row that sees it, with its weight there.</summary>
    public void Spread(ReadOnlySpan<float> row, int index, Span<float> target)
    {
        for (int i = 0; i < first.Length && first[i] <= index; i++)
        {
            int tap = index - first[i];
            if (tap >= weights[i].Length) continue;
            Span<float> sum = target.Slice(i * row.Length, row.Length);
            TensorPrimitives.MultiplyAdd(row, weights[i][tap], sum, sum);
        }
    }
}
